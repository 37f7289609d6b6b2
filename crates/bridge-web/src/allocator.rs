//! The module's memory.

#[cfg(not(fixed_memory))]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// For the build without WebAssembly. There, memory that grows is a new buffer beside the old one, of which the glue would hear nothing: it looks
/// only for a buffer that was taken away, as WebAssembly does it. So all memory is there from the start (4 MiB: these, a stack of 1 MiB, and
/// the constants), and no instruction grows it, which the build checks. It is enough for all that a page can have waiting at once.
#[cfg(fixed_memory)]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmArenaTalc = {
    use std::mem::MaybeUninit;
    const BYTES: usize = 2560 * 1024;
    static mut MEMORY: [MaybeUninit<u8>; BYTES] = [MaybeUninit::uninit(); BYTES];
    // SAFETY: nothing but the allocator has a name for it.
    unsafe { talc::wasm::new_wasm_arena_allocator(&raw mut MEMORY) }
};
