import Dispatch
import Synchronization

/// Applies a function to every element on all cores; the order of the results is that of the input.
func parallelMap<Element: Sendable, Output: Sendable>(
    _ elements: [Element], _ body: @Sendable (Element) -> Output
) -> [Output] {
    let slots = Mutex<[Output?]>(Array(repeating: nil, count: elements.count))
    DispatchQueue.concurrentPerform(iterations: elements.count) { index in
        let output = body(elements[index])
        slots.withLock { $0[index] = output }
    }
    return slots.withLock { slots in slots.compactMap { $0 } }
}
