//! The whole vocabulary of pointers that cross the boundary.

use std::ffi::{CStr, CString, c_char};

use crate::error::{Error, Result, Status};

/// Borrows a handle for the length of a call.
pub(super) fn lend<'a, T>(handle: *const T, name: &str) -> Result<&'a T> {
    // SAFETY: the header demands a live handle of this type or NULL.
    unsafe { handle.as_ref() }.ok_or_else(|| is_null(name))
}

/// Borrows a handle that the call changes; one thread at a time may.
pub(super) fn lend_mut<'a, T>(handle: *mut T, name: &str) -> Result<&'a mut T> {
    // SAFETY: as above; the prototype's missing `const` demands one thread.
    unsafe { handle.as_mut() }.ok_or_else(|| is_null(name))
}

/// Borrows a handle for a getter, which takes NULL for an empty one.
pub(super) fn peek<'a, T>(handle: *const T) -> Option<&'a T> {
    // SAFETY: as above.
    unsafe { handle.as_ref() }
}

/// Checks an output and sets it to NULL, which it stays on failure.
pub(super) fn output<T>(out: *mut *mut T, name: &str) -> Result<()> {
    if out.is_null() {
        return Err(is_null(name));
    }
    clear(out);
    Ok(())
}

pub(super) fn clear<T>(out: *mut *mut T) {
    if !out.is_null() {
        // SAFETY: the header demands a writable pointer or NULL.
        unsafe { out.write(std::ptr::null_mut()) }
    }
}

/// Hands a boxed handle over through a checked output.
pub(super) fn give<T>(out: *mut *mut T, handle: Box<T>) {
    give_raw(out, Box::into_raw(handle));
}

pub(super) fn give_raw<T>(out: *mut *mut T, handle: *mut T) {
    // SAFETY: `output` or the caller has checked it.
    unsafe { out.write(handle) }
}

/// Takes a boxed handle back to free it; NULL is nothing.
pub(super) fn take_back<T>(handle: *mut T) -> Option<Box<T>> {
    if handle.is_null() {
        return None;
    }
    // SAFETY: the header demands that it came from here and is freed once.
    Some(unsafe { Box::from_raw(handle) })
}

pub(super) fn write<T>(out: *mut T, value: T, name: &str) -> Result<()> {
    if out.is_null() {
        return Err(is_null(name));
    }
    // SAFETY: the header demands a writable pointer or NULL.
    unsafe { out.write(value) };
    Ok(())
}

/// A required string: NUL-terminated UTF-8.
pub(super) fn text<'a>(string: *const c_char, name: &str) -> Result<&'a str> {
    if string.is_null() {
        return Err(is_null(name));
    }
    // SAFETY: the header demands a NUL-terminated string or NULL.
    let string = unsafe { CStr::from_ptr(string) };
    string.to_str().map_err(|_| {
        Error::new(
            Status::InvalidArgument,
            "argument.not_utf8",
            format!("the argument {name} is not valid UTF-8"),
        )
    })
}

/// A string that may be left out.
pub(super) fn optional_text<'a>(string: *const c_char, name: &str) -> Result<Option<&'a str>> {
    match string.is_null() {
        true => Ok(None),
        false => text(string, name).map(Some),
    }
}

/// Bytes; NULL with a length of 0 is empty.
pub(super) fn bytes<'a>(data: *const u8, size: usize, name: &str) -> Result<&'a [u8]> {
    match (data.is_null(), size) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(is_null(name)),
        (false, _) if size > isize::MAX.unsigned_abs() => Err(Error::new(
            Status::InvalidArgument,
            "argument.size",
            format!("the size of {name} is larger than any memory"),
        )),
        // SAFETY: the header demands `size` readable bytes.
        (false, _) => Ok(unsafe { std::slice::from_raw_parts(data, size) }),
    }
}

/// Copies `text` and a NUL to a buffer that has room for both.
pub(super) fn copy_out(text: &str, buffer: *mut c_char) {
    // SAFETY: the caller has checked the buffer against its capacity, which
    // the header demands to be true; it can't overlap a string of ours.
    unsafe {
        std::ptr::copy_nonoverlapping(text.as_ptr().cast(), buffer, text.len());
        buffer.add(text.len()).write(0);
    }
}

/// For strings that C borrows; what can't be there is cut off.
pub(super) fn c_string(text: &str) -> CString {
    let until_nul = text.split('\0').next().unwrap_or_default();
    CString::new(until_nul).unwrap_or_default()
}

/// The pointer that C borrows, NULL for what is absent.
pub(super) fn borrow(text: Option<&CString>) -> *const c_char {
    text.map_or(std::ptr::null(), |text| text.as_ptr())
}

pub(super) fn is_null(name: &str) -> Error {
    Error::new(
        Status::InvalidArgument,
        "argument.null",
        format!("the argument {name} is NULL"),
    )
}
