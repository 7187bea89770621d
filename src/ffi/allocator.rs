//! Wipes every block of memory before it is given back.
//!
//! Tokens pass through buffers that nobody here owns: of ureq, rustls,
//! serde_json. Wiping on free reaches them all, at the cost of a pass over
//! memory that is in the cache anyhow.

use std::alloc::{GlobalAlloc, Layout, System};

struct Wiping;

#[global_allocator]
static ALLOCATOR: Wiping = Wiping;

// SAFETY: forwards to the system's allocator. `realloc` is the default one,
// which allocates, copies and calls `dealloc` here, so that it wipes too.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block is ours for `layout.size()` bytes until the line
        // after. The black box keeps the write, which nothing reads, alive.
        unsafe {
            block.write_bytes(0, layout.size());
            System.dealloc(std::hint::black_box(block), layout);
        }
    }
}
