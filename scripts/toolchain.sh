# Sourced by the Makefile's recipes, ./slipway and .ci/run: puts a Node that is new enough first on PATH.
# The system's node is used when it satisfies `engines`; otherwise the pinned one (.nvmrc) is installed into
# .toolchain/ from the npm registry's per-platform packages, which carry the binary and run no install script.
# Needs: npm and any node able to run it. POSIX sh.
slipway_root=${slipway_root:-$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)}
slipway_node_version=$(cat "$slipway_root/.nvmrc")
slipway_system_path=$PATH

slipway_node_ok() {
  command -v node >/dev/null 2>&1 && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 22 || (major === 22 && minor >= 19) ? 0 : 1);' 2>/dev/null
}

if [ -x "$slipway_root/.toolchain/node-$slipway_node_version/bin/node" ]; then
  PATH="$slipway_root/.toolchain/node-$slipway_node_version/bin:$PATH"; export PATH
elif ! slipway_node_ok; then
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) slipway_platform=linux-x64 ;;
    Linux-aarch64) slipway_platform=linux-arm64 ;;
    Darwin-arm64) slipway_platform=darwin-arm64 ;;
    Darwin-x86_64) slipway_platform=darwin-x64 ;;
    *) echo "slipway: no packaged Node for $(uname -s)-$(uname -m); install Node >= 22.19 yourself" >&2; exit 1 ;;
  esac
  echo "slipway: node $(node --version 2>/dev/null || echo 'not found') is too old; installing Node $slipway_node_version into .toolchain/" >&2
  slipway_stage="$slipway_root/.toolchain/stage.$$"
  mkdir -p "$slipway_stage"
  # An empty package.json keeps npm from walking up to the workspace.
  echo '{"private":true}' > "$slipway_stage/package.json"
  (cd "$slipway_stage" && npm install --no-audit --no-fund --no-save --ignore-scripts --loglevel=error \
     "node-$slipway_platform@$slipway_node_version" >&2) || { echo "slipway: could not install Node $slipway_node_version" >&2; exit 1; }
  mkdir -p "$slipway_root/.toolchain/node-$slipway_node_version/bin"
  cp "$slipway_stage/node_modules/node-$slipway_platform/bin/node" "$slipway_root/.toolchain/node-$slipway_node_version/bin/node"
  rm -rf "$slipway_stage"
  PATH="$slipway_root/.toolchain/node-$slipway_node_version/bin:$PATH"; export PATH
fi

# Dependencies: installed from the lock when it is newer than what is there.
slipway_install() {
  if [ ! -f "$slipway_root/node_modules/.package-lock.json" ] || [ "$slipway_root/package-lock.json" -nt "$slipway_root/node_modules/.package-lock.json" ]; then
    echo "slipway: installing dependencies from package-lock.json" >&2
    # npm looks for the machine's npmrc (registry, certificates) beside its node, which may be ours by now.
    slipway_npmrc=$(PATH=$slipway_system_path npm config get globalconfig 2>/dev/null || true)
    (cd "$slipway_root" && npm_config_globalconfig="$slipway_npmrc" npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >&2) || exit 1
    touch "$slipway_root/node_modules/.package-lock.json"
  fi
}
