//! The module's allocator.

/// It keeps the free blocks in a list, in the order of their addresses, and joins neighbours.
#[cfg(all(target_family = "wasm", not(fixed_memory)))]
#[global_allocator]
// SAFETY: the module has one thread, because its memory is not shared.
static ALLOCATOR: lol_alloc::AssumeSingleThreaded<lol_alloc::FreeListAllocator> =
    unsafe { lol_alloc::AssumeSingleThreaded::new(lol_alloc::FreeListAllocator::new()) };

/// For the build without WebAssembly. There, growing the memory makes a new buffer and leaves the old one attached, and the generated glue would
/// keep using the old one. So the memory has its full size from the start (4 MiB: this arena, a stack of 1 MiB, and the constants), and the
/// build checks that no instruction grows it. The arena is large enough for everything that a page can have waiting at once.
#[cfg(fixed_memory)]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmArenaTalc = {
    use std::mem::MaybeUninit;
    const BYTES: usize = 2560 * 1024;
    static mut MEMORY: [MaybeUninit<u8>; BYTES] = [MaybeUninit::uninit(); BYTES];
    // SAFETY: nothing but the allocator has a name for it.
    unsafe { talc::wasm::new_wasm_arena_allocator(&raw mut MEMORY) }
};
