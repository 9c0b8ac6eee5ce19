#!/bin/sh
# Installs gitward: builds it, or takes a prebuilt binary, and sets up the hooks of one repository.
# See `sh install.sh --help`. Needs no root, and no network beyond what cargo needs.

set -eu

usage() {
  cat <<'USAGE'
usage: install.sh [--prefix DIR] [--from FILE [--sha256 HEX]] [--static | --no-static]
                  [--repo DIR | --no-hooks]
       install.sh --uninstall [--prefix DIR] [--repo DIR | --no-hooks]

Installs gitward as DIR/bin/gitward, then its hooks into a repository.

  --prefix DIR   where to install (default: ~/.local)
  --from FILE    take this prebuilt binary; without it, build with cargo from the
                 checkout that holds this script (offline: CARGO_NET_OFFLINE=true)
  --sha256 HEX   what FILE must hash to; default: what FILE.sha256 says, if there
  --static       build a static binary or fail; Linux only
  --no-static    build a dynamic binary; default: static where that works
  --repo DIR     the repository to install the hooks into; default: the one around
                 the current directory, unless it is gitward's own
  --no-hooks     leave hooks alone
  --uninstall    remove the hooks of that repository, then the binary
  --help         this text
USAGE
}

say() { printf '%s\n' "gitward: $*"; }
warn() { printf '%s\n' "gitward: $*" >&2; }
die() {
  warn "$*"
  exit 2
}

# The path without `.`, `..` and links; what it names must be a directory.
physical() { (CDPATH='' cd -- "$1" && pwd -P); }

sha256_of() {
  if command -v sha256sum >/dev/null; then
    sha256sum <"$1"
  elif command -v shasum >/dev/null; then
    shasum -a 256 <"$1"
  elif command -v openssl >/dev/null; then
    openssl dgst -sha256 -r <"$1"
  else
    die "cannot verify $1: none of sha256sum, shasum and openssl is here"
  fi | cut -d ' ' -f 1
}

# Compares the copy $1 of $from with the hash that was given, or that stands beside it.
verify() {
  if [ -n "$sha256" ]; then
    expected=$sha256
  elif [ -e "$from.sha256" ]; then
    expected=$(sed '1s/[[:space:]].*//; 1q' <"$from.sha256")
  else
    warn "not verified: there is no $from.sha256, and no --sha256 was given"
    return
  fi
  expected=$(printf '%s\n' "$expected" | tr 'A-F' 'a-f')
  # what is empty or cut short must not match anything
  case $expected in *[!0-9a-f]*) expected= ;; esac
  [ "${#expected}" -eq 64 ] || die "not a SHA-256 in hexadecimal, for $from"
  actual=$(sha256_of "$1")
  [ "$actual" = "$expected" ] || die "$from is not what it should be: SHA-256 $actual, expected $expected"
}

# Whether cc can link a static program that runs; glibc's static half is often not installed.
links_statically() {
  [ "$(uname -s)" = Linux ] && work=$(mktemp -d) || return 1
  printf 'int main(void) { return 0; }\n' >"$work/probe.c"
  "${CC:-cc}" -static -o "$work/probe" "$work/probe.c" 2>/dev/null && "$work/probe"
}

# Runs cargo in the checkout, so that the configuration of the current directory has no say. With an
# explicit target the flags spare build scripts and procedural macros, which cannot be static.
cargo_build() (
  CDPATH='' cd -- "$here" || exit
  # at a fixed address: a program that runs for two milliseconds should not spend a tenth of them relocating itself
  [ "$1" = dynamic ] || export RUSTFLAGS="${RUSTFLAGS:-} -C target-feature=+crt-static -C relocation-model=static"
  cargo build --release --locked --bin gitward --target "$host" --target-dir "$target_dir"
)

build() {
  command -v cargo >/dev/null || die "no cargo to build with; see https://rustup.rs, or use --from"
  [ -f "$here/Cargo.toml" ] || die "no source beside this script; use --from"
  host=$(CDPATH='' cd -- "$here" && rustc -vV | sed -n 's/^host: //p')
  [ -n "$host" ] || die "rustc does not tell its host"
  target_dir=${CARGO_TARGET_DIR:-target}
  case $target_dir in /*) ;; *) target_dir=$here/$target_dir ;; esac
  if [ "$static" = auto ] && ! links_statically; then
    static=no
  fi
  case $static in
    no) cargo_build dynamic ;;
    yes) cargo_build static ;;
    auto) cargo_build static || { warn "no static build here; trying a dynamic one" && cargo_build dynamic; } ;;
  esac || die "the build failed"
  built=$target_dir/$host/release/gitward
}

# Writes $1 to $bin/gitward: beside it first, tried, then renamed over what is there.
place() {
  mkdir -p "$bin"
  bin=$(physical "$bin")
  [ ! -d "$bin/gitward" ] || die "$bin/gitward is a directory"
  part=$(mktemp "$bin/.gitward.XXXXXX")
  cat -- "$1" >"$part"
  [ -z "$from" ] || verify "$part"
  chmod 755 "$part"
  version=$("$part" --version) || die "$1 does not run on this machine"
  mv -f "$part" "$bin/gitward"
  part=
  say "installed $bin/gitward ($version)"
}

# Sets `repo` to the repository meant, or to nothing. An explicit one must be one.
find_repo() {
  if [ "$hooks" = no ]; then
    repo=
  elif [ -n "$repo" ]; then
    [ -d "$repo" ] || die "no such directory: $repo"
    git -C "$repo" rev-parse --git-dir >/dev/null || die "not a Git repository: $repo"
    repo=$(physical "$repo")
  elif command -v git >/dev/null && repo=$(git rev-parse --show-toplevel 2>/dev/null); then
    [ "$(physical "$repo")" != "$here" ] || repo=
  else
    repo=
  fi
}

in_repo() (
  CDPATH='' cd -- "$repo" || exit
  exec "$bin/gitward" "$1"
)

install_gitward() {
  find_repo
  if [ -n "$from" ]; then
    [ -f "$from" ] || die "no such file: $from"
    place "$from"
  else
    build
    place "$built"
  fi
  case :$PATH: in *":$bin:"*) ;; *) say "not on PATH; add to your shell's profile: export PATH=\"$bin:\$PATH\"" ;; esac
  if [ -n "$repo" ]; then
    in_repo install || die "installed, but not its hooks in $repo"
    say "next: cd $repo && gitward check --all-files"
  else
    say "next, in each repository: gitward install"
  fi
}

uninstall_gitward() {
  find_repo
  if [ ! -e "$bin/gitward" ] && [ ! -L "$bin/gitward" ]; then
    say "not installed in $bin"
    return
  fi
  if [ -n "$repo" ]; then
    in_repo uninstall || die "the hooks in $repo are still there, so gitward is too"
  fi
  rm -f -- "$bin/gitward"
  say "removed $bin/gitward"
  say "other repositories with its hooks refuse commits until it is back or the hooks are removed; they say how"
}

clean_up() {
  [ -z "$part" ] || rm -f -- "$part"
  [ -z "$work" ] || rm -rf -- "$work"
}

main() {
  prefix='' from='' sha256='' static=auto repo='' hooks=yes act=install_gitward part='' work=''
  while [ $# -gt 0 ]; do
    option=$1
    case $option in
      --prefix | --from | --sha256 | --repo)
        [ $# -ge 2 ] || die "$option needs a value"
        value=$2
        shift 2
        ;;
      --prefix=* | --from=* | --sha256=* | --repo=*)
        value=${option#*=}
        option=${option%%=*}
        shift
        ;;
      --static) static=yes && shift && continue ;;
      --no-static) static=no && shift && continue ;;
      --no-hooks) hooks=no && shift && continue ;;
      --uninstall) act=uninstall_gitward && shift && continue ;;
      -h | --help)
        usage
        exit 0
        ;;
      *) die "unknown argument: $option (see --help)" ;;
    esac
    [ -n "$value" ] || die "$option needs a value"
    case $option in
      --prefix) prefix=$value ;;
      --from) from=$value ;;
      --sha256) sha256=$value ;;
      --repo) repo=$value ;;
    esac
  done
  [ -z "$sha256" ] || [ -n "$from" ] || die "--sha256 is for --from"
  [ -z "$repo" ] || [ "$hooks" = yes ] || die "--repo and --no-hooks contradict each other"
  [ "$static" != yes ] || [ "$(uname -s)" = Linux ] || die "--static is for Linux"

  # a repository that a calling hook left in the environment is not the one meant
  unset GIT_DIR GIT_WORK_TREE GIT_COMMON_DIR GIT_INDEX_FILE
  here=$(physical "$(dirname -- "$0")")
  [ -n "$prefix" ] || prefix=${HOME:?not set, so --prefix is needed}/.local
  case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
  bin=${prefix%/}/bin

  trap clean_up EXIT
  trap 'exit 2' HUP INT TERM
  "$act"
}

# all of it is functions up to here, so a script that was cut short does nothing
main "$@"
