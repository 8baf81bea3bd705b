//! Rebuilds when a migration is added: the compiler sees only the files that were there the last time.

fn main() {
    #[allow(clippy::print_stdout, reason = "a build script speaks to cargo on its standard output")]
    {
        println!("cargo:rerun-if-changed=migrations");
    }
}
