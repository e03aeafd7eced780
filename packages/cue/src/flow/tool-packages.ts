/** The packages `tool/…`: what tasks of the `cue cmd` command look like. Nothing here runs them. */
import type { BuiltinPackage } from "../builtins/contract.ts";

const cli = `
package cli

// Writes a text to the standard output.
Print: {
	$id: *"tool/cli.Print" | "print"

	text: string
}

// Asks a question and waits for the answer; a bool is answered by yes or no.
Ask: {
	$id: "tool/cli.Ask"

	prompt:   string
	response: string | bool
}
`;

const exec = `
package exec

// Runs a program.
Run: {
	$id: *"tool/exec.Run" | "exec"

	// The program with its arguments; a string is split at spaces.
	cmd: string | [string, ...string]
	// How to install what the program needs.
	install?: string | [string, ...string]
	// Where to run it.
	dir?: string
	// Environment variables.
	env: {[string]: string} | [...=~"="]
	// What the program wrote, unless null: then it writes to where this process does.
	stdout: *null | string | bytes
	stderr: *null | string | bytes
	// What the program reads; null for what this process reads.
	stdin: *null | string | bytes
	// Whether it ended with exit code 0.
	success: bool
	// Another exit code is a failure of the task.
	mustSucceed: bool | *true
}
`;

const file = `
package file

// Reads a file, as text if the contents are to be a string.
Read: {
	$id: _id
	_id: "tool/file.Read"

	filename: !=""
	contents: *bytes | string
}

// Adds to the end of a file, which is made if there is none.
Append: {
	$id: _id
	_id: "tool/file.Append"

	filename:    !=""
	permissions: int | *0o666
	contents:    bytes | string
}

// Writes a file.
Create: {
	$id: _id
	_id: "tool/file.Create"

	filename:    !=""
	permissions: int | *0o666
	contents:    bytes | string
}

// Lists the files whose names match a pattern.
Glob: {
	$id: _id
	_id: "tool/file.Glob"

	glob: !=""
	files: [...string]
}

// Makes a folder, which may be there already.
Mkdir: {
	$id: _id
	_id: "tool/file.Mkdir"

	path: string
	// Folders around it are made too.
	createParents: bool | *false
	permissions:   int | *0o777
}

// Makes a folder and those around it.
MkdirAll: Mkdir & {
	createParents: true
}

// Makes a new folder of a name that is not in use.
MkdirTemp: {
	$id: _id
	_id: "tool/file.MkdirTemp"

	dir:     string | *""
	pattern: string | *""
	path:    string
}

// Removes a file, or a folder with what is in it.
RemoveAll: {
	$id: _id
	_id: "tool/file.RemoveAll"

	path:    string
	success: bool
}
`;

const http = `
package http

Get: Do & {method: "GET"}
Post: Do & {method: "POST"}
Put: Do & {method: "PUT"}
Delete: Do & {method: "DELETE"}

// Sends a request over HTTP.
Do: {
	$id: _id
	_id: *"tool/http.Do" | "http"

	method: string
	url:    string

	followRedirects: *true | bool

	tls: {
		verify:  *true | bool
		caCert?: bytes | string
	}

	request: {
		body?: bytes | string
		header: [string]:  string | [...string]
		trailer: [string]: string | [...string]
	}
	response: {
		status:     string
		statusCode: int

		body: *bytes | string
		header: [string]:  string | [...string]
		trailer: [string]: string | [...string]
	}
}
`;

export const toolPackages: readonly BuiltinPackage[] = Object.entries({ cli, exec, file, http }).map(([name, cue]) => ({
  path: `tool/${name}`,
  functions: [],
  cue,
}));
