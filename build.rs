//! With feature `capi`: the link flags of the shared library, the version
//! information of a DLL, and a check that the header in the tree is the one
//! that the sources make.
//!
//! The header is rendered in memory and compared. It is written only when
//! `AUTHKEEP_BLESS` asks for it: a build must not change the sources.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "capi")]
    capi::build();
}

#[cfg(feature = "capi")]
mod capi {
    use std::path::PathBuf;
    use std::{env, fs};

    /// VFT_DLL.
    const DLL: u64 = 2;

    pub fn build() {
        let target = |what: &str| env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
        match (&*target("OS"), &*target("ENV")) {
            ("linux", _) => link(&[
                // Changes when linked programs can't work with a newer library.
                "-Wl,-soname,libauthkeep.so.1",
                // Threads and thread-locals outlive a dlclose: never unmap.
                "-Wl,-z,nodelete",
                // A host's own symbol must not take the place of one of ours.
                "-Wl,-Bsymbolic-functions",
            ]),
            ("windows", environment) => {
                if environment == "gnu" {
                    // Windows has no libgcc_s_seh-1.dll.
                    link(&["-static-libgcc"]);
                }
                version_information();
            }
            _ => {}
        }
        header();
    }

    fn link(flags: &[&str]) {
        for flag in flags {
            println!("cargo::rustc-link-arg={flag}");
        }
    }

    /// What the properties of `authkeep.dll` show, and installers compare.
    fn version_information() {
        let mut resource = winresource::WindowsResource::new();
        resource
            .set("OriginalFilename", "authkeep.dll")
            .set(
                "FileDescription",
                "OAuth 2.0 tokens and authenticated requests",
            )
            .set("LegalCopyright", "MIT OR Apache-2.0")
            .set_version_info(winresource::VersionInfo::FILETYPE, DLL);
        if let Err(error) = resource.compile() {
            println!("cargo::error=the version information can't be made: {error}");
        }
    }

    fn header() {
        for path in ["src/ffi", "cbindgen.toml", "include/authkeep.h"] {
            println!("cargo::rerun-if-changed={path}");
        }
        println!("cargo::rerun-if-env-changed=AUTHKEEP_BLESS");
        let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
        let rendered = match render(&root) {
            Ok(rendered) => rendered,
            Err(reason) => {
                println!("cargo::error=the C header can't be rendered: {reason}");
                return;
            }
        };
        let path = root.join("include/authkeep.h");
        let present = fs::read_to_string(&path).unwrap_or_default();
        if rendered == present {
            return;
        }
        if env::var_os("AUTHKEEP_BLESS").is_some() {
            if let Err(error) = fs::write(&path, rendered) {
                println!("cargo::error=include/authkeep.h can't be written: {error}");
            }
            return;
        }
        println!(
            "cargo::error=include/authkeep.h is not what src/ffi makes; write it with \
             AUTHKEEP_BLESS=1 cargo check --features capi"
        );
    }

    fn render(root: &std::path::Path) -> Result<String, String> {
        let mut config = cbindgen::Config::from_file(root.join("cbindgen.toml"))?;
        let prose = fs::read_to_string(root.join("src/ffi/header.txt"))
            .map_err(|error| error.to_string())?;
        config.header = Some(prose.trim_end().to_owned());
        let bindings = cbindgen::Builder::new()
            .with_config(config)
            .with_src(root.join("src/ffi/mod.rs"))
            .generate()
            .map_err(|error| error.to_string())?;
        let mut text = Vec::new();
        bindings.write(&mut text);
        String::from_utf8(text).map_err(|error| error.to_string())
    }
}
