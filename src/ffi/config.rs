//! `authkeep_config`: a box.

use std::ffi::c_char;
use std::path::Path;

use super::error::authkeep_error;
use super::guard::{fallible, infallible};
use super::ptr;
use super::status::authkeep_status;
use crate::config::Config;

/// Where a credential comes from and how it is used: data, in layers. The keys
/// are those of docs/config.md.
///
/// An authkeep_config may be used by one thread at a time. Freed by
/// authkeep_config_free.
pub struct authkeep_config(pub(super) Config);

/// Creates an empty config: all defaults. Never blocks.
///
/// The caller owns it and frees it with authkeep_config_free.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_config_new() -> *mut authkeep_config {
    infallible(std::ptr::null_mut(), || {
        Box::into_raw(Box::new(authkeep_config(Config::new())))
    })
}

/// Sets one key; keys inside others are dotted ("timeouts.total_ms"). Never
/// blocks.
///
/// The value is literal. A secret that is to be read when it is needed has a
/// key of its own: "client_secret.env" takes the name of an environment
/// variable, "client_secret.file" a path. Lists and "client_secret.command"
/// need authkeep_config_merge_json.
///
/// Returns AUTHKEEP_OK, or AUTHKEEP_ERR_INVALID_CONFIG for an unknown key or a
/// value that it doesn't take; then the config is as it was.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_config_set(
    config: *mut authkeep_config,
    key: *const c_char,
    value: *const c_char,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        let config = ptr::lend_mut(config, "config")?;
        let key = ptr::text(key, "key")?;
        config.0.set(key, ptr::text(value, "value")?)?;
        Ok(())
    })
}

/// Hands over an environment variable that the process itself doesn't see, for
/// runtimes with an environment of their own, such as .NET on Unix. Never
/// blocks.
///
/// It goes before the process's own: for the references of this config, for
/// the commands that they name, and for where a profile that is loaded after
/// this is looked for. One that the process has with the same value is left to
/// the process.
///
/// Returns AUTHKEEP_OK, or AUTHKEEP_ERR_INVALID_ARGUMENT for an empty name or
/// one with a "=".
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_config_set_env(
    config: *mut authkeep_config,
    name: *const c_char,
    value: *const c_char,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        let config = ptr::lend_mut(config, "config")?;
        let name = ptr::text(name, "name")?;
        config.0.set_env(name, ptr::text(value, "value")?)?;
        Ok(())
    })
}

/// Merges a JSON object of keys into the config, deeply; null deletes. Never
/// blocks.
///
/// Returns AUTHKEEP_OK, or AUTHKEEP_ERR_INVALID_CONFIG for what is not JSON, an
/// unknown key, or a value that its key doesn't take; then the config is as it
/// was.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_config_merge_json(
    config: *mut authkeep_config,
    json: *const c_char,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        let config = ptr::lend_mut(config, "config")?;
        config.0.merge_json(ptr::text(json, "json")?)?;
        Ok(())
    })
}

/// Loads a profile below the keys set here, in the place of one loaded before.
/// Reads a file.
///
/// path: a profiles file, or NULL for the user's own. allow_references: not 0
/// permits secrets in a file at path to refer to environment variables, files
/// and commands; those in the user's own file always may.
///
/// Returns AUTHKEEP_OK, AUTHKEEP_ERR_INVALID_CONFIG for a file or profile that
/// is missing or wrong, or AUTHKEEP_ERR_NOT_ALLOWED for a reference without
/// permission; then the config is as it was.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_config_load_profile(
    config: *mut authkeep_config,
    name: *const c_char,
    path: *const c_char,
    allow_references: i32,
    out_error: *mut *mut authkeep_error,
) -> authkeep_status {
    fallible(out_error, || {
        let config = ptr::lend_mut(config, "config")?;
        let name = ptr::text(name, "name")?;
        let path = ptr::optional_text(path, "path")?.map(Path::new);
        config.0.load_profile(name, path, allow_references != 0)?;
        Ok(())
    })
}

/// Frees a config. NULL is nothing. Clients made from it live on.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_config_free(config: *mut authkeep_config) {
    infallible((), || drop(ptr::take_back(config)));
}
