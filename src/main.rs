//! The `gitward` binary: parse, run, exit code. A panic anywhere exits 2 and says that nothing was checked.

use gitward::outcome::Exit;
use std::io::Write;
use std::panic::{PanicHookInfo, catch_unwind, set_hook};
use std::process::ExitCode;

fn main() -> ExitCode {
    set_hook(Box::new(on_panic));
    let exit = catch_unwind(|| gitward::cli::main(std::env::args_os())).unwrap_or(Exit::Unchecked as u8);
    ExitCode::from(exit)
}

/// The message of a panic may hold what was being read, a secret among it: only the place is told.
fn on_panic(info: &PanicHookInfo<'_>) {
    let place = info.location().map(|l| format!(" at {}:{}", l.file(), l.line())).unwrap_or_default();
    let text = format!("gitward: internal error{place}: this was not checked; please report it\n");
    // standard error may be closed, which must not be a second panic
    let _ = std::io::stderr().write_all(text.as_bytes());
}
