//! Removes functions from the module that are only in its function table and that nothing calls there.

use anyhow::{Result, ensure};
use walrus::passes::gc;
use walrus::{ElementItems, ExportItem, FunctionBuilder, Module};

/// Parts of the names of those functions: one for each type of closure that some function of js-sys takes, and the waker of its futures.
///
/// js-sys describes its functions to wasm-bindgen in code that takes the addresses of these, which puts them into the table. wasm-bindgen
/// evaluates and removes that code but leaves the table as it is. wasm-opt must assume that any entry of a table is called.
/// JavaScript calls closures through exports, and this project uses no futures, so none of these entries is.
const UNCALLED: [&str; 2] = ["::closures::_::invoke", "::task_waker::"];

/// Points those entries at one function that traps, and removes what is then unused.
///
/// Fails if there is none of either kind: then another version of js-sys or wasm-bindgen works in another way, and this list is out of date.
pub(super) fn trim(module: &mut Module) -> Result<()> {
    let is_exported =
        |table| module.exports.iter().any(|export| matches!(export.item, ExportItem::Table(it) if it == table));
    let of_functions = module.tables.main_function_table()?;
    ensure!(
        !of_functions.is_some_and(is_exported),
        "the function table is exported, so JavaScript may call any entry of it"
    );

    let mut found = [0; UNCALLED.len()];
    let mut entries = Vec::new();
    for element in module.elements.iter() {
        let ElementItems::Functions(functions) = &element.items else { continue };
        for (at, function) in functions.iter().enumerate() {
            let name = module.funcs.get(*function).name.as_deref().unwrap_or_default();
            for (part, count) in UNCALLED.iter().zip(&mut found) {
                if name.contains(part) {
                    *count += 1;
                    entries.push((element.id(), at));
                }
            }
        }
    }
    for (part, count) in UNCALLED.iter().zip(found) {
        ensure!(count > 0, "no function in the table has {part} in its name");
    }

    let mut trap = FunctionBuilder::new(&mut module.types, &[], &[]);
    trap.func_body().unreachable();
    let trap = trap.finish(Vec::new(), &mut module.funcs);
    for (element, at) in entries {
        if let ElementItems::Functions(functions) = &mut module.elements.get_mut(element).items
            && let Some(function) = functions.get_mut(at)
        {
            *function = trap;
        }
    }
    gc::run(module);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use walrus::ir::Value;
    use walrus::{ConstExpr, ElementKind, FunctionId, RefType};

    /// A module whose table holds functions of these names, the last of which is also exported.
    fn module(names: &[&str]) -> Module {
        let mut module = Module::default();
        let functions: Vec<FunctionId> = names
            .iter()
            .map(|name| {
                let mut builder = FunctionBuilder::new(&mut module.types, &[], &[]);
                builder.name((*name).to_owned());
                builder.finish(Vec::new(), &mut module.funcs)
            })
            .collect();
        if let Some(last) = functions.last() {
            module.exports.add("last", *last);
        }
        let size = u64::try_from(functions.len()).unwrap();
        let table = module.tables.add_local(false, size, Some(size), RefType::FUNCREF);
        let kind = ElementKind::Active { table, offset: ConstExpr::Value(Value::I32(0)) };
        let element = module.elements.add(kind, ElementItems::Functions(functions));
        module.tables.get_mut(table).elem_segments.insert(element);
        // Calls through the table, so that it is in use.
        let mut caller = FunctionBuilder::new(&mut module.types, &[], &[]);
        let nothing = module.types.add(&[], &[]);
        caller.func_body().i32_const(0).call_indirect(nothing, table);
        let caller = caller.finish(Vec::new(), &mut module.funcs);
        module.exports.add("caller", caller);
        module
    }

    fn names_in_table(module: &Module) -> Vec<Option<&str>> {
        let functions = module.elements.iter().flat_map(|element| match &element.items {
            ElementItems::Functions(functions) => functions.as_slice(),
            ElementItems::Expressions(..) => &[],
        });
        functions.map(|function| module.funcs.get(*function).name.as_deref()).collect()
    }

    const INVOKE: &str = "wasm_bindgen[1]::convert::closures::_::invoke::<f64, (), true>";
    const USED: &str = "wasm_bindgen[1]::convert::closures::_::invoke::<wasm_bindgen[1]::JsValue, (), true>";
    const WAKE: &str = "js_sys[2]::futures::jspi::task_waker::raw_wake";

    #[test]
    fn only_what_nothing_calls_is_removed() {
        let mut module = module(&[INVOKE, "ours", WAKE, USED]);
        trim(&mut module).unwrap();
        assert_eq!(names_in_table(&module), [None, Some("ours"), None, None]);
        let left: Vec<&str> = module.funcs.iter().filter_map(|function| function.name.as_deref()).collect();
        assert!(left.contains(&USED), "it is exported: {left:?}");
        assert!(!left.contains(&INVOKE) && !left.contains(&WAKE), "{left:?}");
    }

    #[test]
    fn a_table_without_what_is_expected_is_an_error() {
        for names in [vec!["ours"], vec![INVOKE, "ours"], vec![WAKE, "ours"]] {
            let mut module = module(&names);
            assert!(trim(&mut module).is_err(), "{names:?}");
            assert_eq!(names_in_table(&module), names.iter().map(|name| Some(*name)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_exported_table_is_an_error() {
        let mut module = module(&[INVOKE, WAKE, "ours"]);
        let table = module.tables.main_function_table().unwrap().unwrap();
        module.exports.add("table", table);
        assert!(trim(&mut module).is_err());
    }
}
