//! Builds the office (`ui/`) by npm and vite, and writes the table of its files that is embedded. With
//! `PASSERELLE_SKIP_UI=1` there is a page in its place that says so: for who has no node.

use std::{
    env,
    fmt::{Display, Write},
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

type Result<T> = std::result::Result<T, String>;

/// What the office is made from; what the build itself writes beside it is left out.
const SOURCES: [&str; 8] = [
    "src",
    "tools",
    "index.html",
    "vite.config.ts",
    "svelte.config.js",
    "tsconfig.json",
    "package.json",
    "package-lock.json",
];
const PLACEHOLDER: &str = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<!-- institution -->\n</head>\n<body>\n\
    <p>The office was left out of this build. <a href=\"/basic\">The plain page</a> is there.</p>\n</body>\n</html>\n";

fn main() -> Result<()> {
    let ui = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("ui");
    let out = PathBuf::from(variable("OUT_DIR")?);
    let built = out.join("office");
    for source in SOURCES {
        println!("cargo::rerun-if-changed={}", ui.join(source).display());
    }
    println!("cargo::rerun-if-env-changed=PASSERELLE_SKIP_UI");
    let skips = env::var_os("PASSERELLE_SKIP_UI").is_some();
    println!("cargo::rustc-env=OFFICE={}", if skips { "placeholder" } else { "built" });
    if skips {
        // What another build left there would be served beside the placeholder.
        let _ = fs::remove_dir_all(&built);
        fs::create_dir_all(&built).map_err(doing("making a folder for the placeholder"))?;
        fs::write(built.join("index.html"), PLACEHOLDER).map_err(doing("writing the placeholder"))?;
    } else {
        // npm writes this file last, so that it is newer than the lock when everything is there.
        if changed(&ui.join("node_modules/.package-lock.json")) <= changed(&ui.join("package-lock.json")) {
            npm(&ui, &["ci", "--ignore-scripts", "--no-audit", "--no-fund"])?;
        }
        npm(&ui, &["run", "build", "--", "--emptyOutDir", "--outDir", &built.display().to_string()])?;
    }
    fs::write(out.join("office.rs"), table(&built)?).map_err(doing("writing the table of files"))
}

/// A Rust expression: each file with its octets, and compressed where that was worth it.
fn table(built: &Path) -> Result<String> {
    let mut names = Vec::new();
    walk(built, built, &mut names)?;
    names.sort();
    let mut text = "&[\n".to_owned();
    for name in names.iter().filter(|name| !is_hidden(name)) {
        let octets = |name: &str| format!("include_bytes!({:?})", built.join(name).display().to_string());
        let twin = format!("{name}.gz");
        let gzip = if names.contains(&twin) { format!("Some({})", octets(&twin)) } else { "None".to_owned() };
        let _ = writeln!(text, "    File {{ name: {name:?}, octets: {}, gzip: {gzip} }},", octets(name));
    }
    Ok(text + "]\n")
}

/// The compressed twins, and what only the build needs.
fn is_hidden(name: &str) -> bool {
    name.starts_with('.') || Path::new(name).extension().is_some_and(|it| it == "gz")
}

fn walk(root: &Path, folder: &Path, names: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(doing("listing what was built"))?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(root, &path, names)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            names.push(name.display().to_string());
        }
    }
    Ok(())
}

fn npm(folder: &Path, arguments: &[&str]) -> Result<()> {
    let done = Command::new("npm").args(arguments).current_dir(folder).output();
    let done = done.map_err(doing("starting npm (install node and npm, or set PASSERELLE_SKIP_UI=1)"))?;
    if done.status.success() {
        return Ok(());
    }
    let said = [done.stdout, done.stderr].concat();
    Err(format!("npm {}: {}", arguments.join(" "), String::from_utf8_lossy(&said)))
}

fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|file| file.modified()).ok()
}

fn variable(name: &str) -> Result<String> {
    env::var(name).map_err(doing(name))
}

fn doing<E: Display>(what: &str) -> impl Fn(E) -> String + '_ {
    move |error| format!("{what}: {error}")
}
