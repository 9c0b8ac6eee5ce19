//! The `gitward` binary.

fn main() {
    let repo = gitward::git::open(std::path::Path::new("."));
    match repo.and_then(|r| gitward::cli::plumbing::staged(&*r, &mut std::io::stdout())) {
        Ok(_) => {}
        Err(e) => {
            eprintln!("{e}");
            std::process::exit(2)
        }
    }
}
