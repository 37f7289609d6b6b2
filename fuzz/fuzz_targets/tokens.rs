//! Customer references, and the bridge server's API without a network: any route, page, reference and body.
//!
//! What must hold is in `fuzz::reference`, `fuzz::store` and `fuzz::hosted`. Every refusal has its code and status, and no
//! request makes the server fail.
//!
//! An input that begins with `v` is a reference, and also the unsigned part of one.

#![no_main]

use arbitrary::Unstructured;
use fuzz::reference::{a_reference_counts_if_it_was_signed_for_it, mac_of};
use fuzz::store::{Asked, Server};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if data.first() == Some(&b'v') {
        let text = String::from_utf8_lossy(data);
        a_reference_counts_if_it_was_signed_for_it(&text);
        a_reference_counts_if_it_was_signed_for_it(&format!("{text}.{}", mac_of(&text)));
    } else {
        let mut input = Unstructured::new(data);
        let mut server = Server::get();
        while let (false, Ok(asked)) = (input.is_empty(), input.arbitrary::<Asked>()) {
            server.ask(&asked);
        }
    }
});
