//! The flashwire binary: everything is in the library.

fn main() -> std::process::ExitCode {
    flashwire::cli::main()
}
