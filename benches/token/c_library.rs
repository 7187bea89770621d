//! The functions of the shipped library that are measured, as a C program
//! calls them.

use std::ffi::{CString, c_char, c_void};
use std::hint::black_box;
use std::mem::transmute;
use std::path::Path;

use super::TOKEN_BYTES;

type Handle = *mut c_void;

/// The loaded library.
pub struct CLibrary {
    library: Handle,
    get_token: GetToken,
    token_free: TokenFree,
    copy_token: CopyToken,
}

type GetToken = extern "C" fn(Client_, Handle, *mut Handle, *mut Handle) -> i32;
type TokenFree = extern "C" fn(Handle);
type CopyToken = extern "C" fn(Client_, Handle, *mut c_char, usize, *mut usize, *mut Handle) -> i32;

/// A pointer that threads may share.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Client_(Handle);

// SAFETY: the header says that any number of threads may use a client.
unsafe impl Send for Client_ {}
// SAFETY: as above.
unsafe impl Sync for Client_ {}
// SAFETY: nothing but function pointers and the library that they are in.
unsafe impl Sync for CLibrary {}

impl CLibrary {
    pub fn load(shared: &Path) -> Self {
        let path = CString::new(shared.display().to_string()).unwrap();
        // SAFETY: the path is a NUL-terminated string.
        let library = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
        assert!(!library.is_null(), "the library can't be loaded");
        // SAFETY: the types are those of include/authkeep.h.
        unsafe {
            CLibrary {
                library,
                get_token: transmute::<Handle, GetToken>(symbol(
                    library,
                    c"authkeep_client_get_token",
                )),
                token_free: transmute::<Handle, TokenFree>(symbol(library, c"authkeep_token_free")),
                copy_token: transmute::<Handle, CopyToken>(symbol(
                    library,
                    c"authkeep_client_copy_token",
                )),
            }
        }
    }

    pub fn client(&self, json: &str) -> Client_ {
        let json = CString::new(json).unwrap();
        let mut client = std::ptr::null_mut();
        let none = std::ptr::null_mut();
        // SAFETY: the types are those of include/authkeep.h.
        unsafe {
            let new: extern "C" fn() -> Handle =
                transmute(symbol(self.library, c"authkeep_config_new"));
            let merge: extern "C" fn(Handle, *const c_char, *mut Handle) -> i32 =
                transmute(symbol(self.library, c"authkeep_config_merge_json"));
            let make: extern "C" fn(Handle, *mut Handle, *mut Handle) -> i32 =
                transmute(symbol(self.library, c"authkeep_client_new"));
            let config = new();
            assert_eq!(merge(config, json.as_ptr(), none), 0);
            assert_eq!(make(config, &mut client, none), 0);
        }
        Client_(client)
    }

    #[inline]
    pub fn get_and_free(&self, client: Client_) {
        let mut token = std::ptr::null_mut();
        let none = std::ptr::null_mut();
        assert_eq!((self.get_token)(client, none, &mut token, none.cast()), 0);
        (self.token_free)(black_box(token));
    }

    #[inline]
    pub fn copy(&self, client: Client_, buffer: &mut Vec<u8>) {
        buffer.resize(TOKEN_BYTES + 500, 0);
        let mut length = 0;
        let none = std::ptr::null_mut();
        let to = buffer.as_mut_ptr().cast();
        let status = (self.copy_token)(client, none, to, buffer.len(), &mut length, none.cast());
        assert_eq!((status, black_box(length)), (0, TOKEN_BYTES));
    }

    pub fn free(&self, client: Client_) {
        // SAFETY: the type is that of include/authkeep.h.
        let free: extern "C" fn(Client_) =
            unsafe { transmute(symbol(self.library, c"authkeep_client_free")) };
        free(client);
    }
}

fn symbol(library: Handle, name: &std::ffi::CStr) -> Handle {
    // SAFETY: a handle of dlopen and a NUL-terminated name.
    let symbol = unsafe { libc::dlsym(library, name.as_ptr()) };
    assert!(!symbol.is_null(), "{name:?} is missing");
    symbol
}
