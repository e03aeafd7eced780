/** The longest list that a function makes: more would fill the memory. The reference has it for `list.Repeat`. */
export const maxListLength = 1_000_000;
