import CTorchShim
import LetheRecords

/// Where the shim stores a message for us to free.
typealias MessageSlot = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
/// Where the shim stores a new tensor for us to own.
typealias TensorSlot = UnsafeMutablePointer<LetheTensorRef?>

/// Runs one shim function and turns its status and message into an error.
func check(_ body: (MessageSlot) -> LetheStatus) throws(LetheError) {
    var message: UnsafeMutablePointer<CChar>?
    let status = unsafe body(&message)
    guard status != .ok else { return }
    let text = unsafe message.map { unsafe String(cString: $0) } ?? "no message"
    unsafe lethe_message_free(message)
    throw failure(status, text)
}

/// Runs one shim function that hands out a tensor.
///
/// The tensors whose handles `body` uses are named, so that none is freed while the call runs.
func produce(
    using first: Tensor? = nil, _ second: Tensor? = nil, _ third: Tensor? = nil,
    _ fourth: Tensor? = nil, _ body: (TensorSlot, MessageSlot) -> LetheStatus
) throws(LetheError) -> Tensor {
    var handle: LetheTensorRef?
    try unsafe check { message in unsafe body(&handle, message) }
    extendLifetime(first)
    extendLifetime(second)
    extendLifetime(third)
    extendLifetime(fourth)
    return try unsafe Tensor(adopting: handle)
}

/// Runs one shim function that hands out two tensors.
func producePair(
    using tensor: Tensor, _ body: (TensorSlot, TensorSlot, MessageSlot) -> LetheStatus
) throws(LetheError) -> (Tensor, Tensor) {
    var first: LetheTensorRef?
    var second: LetheTensorRef?
    try unsafe check { message in unsafe body(&first, &second, message) }
    extendLifetime(tensor)
    return (try unsafe Tensor(adopting: first), try unsafe Tensor(adopting: second))
}

/// Runs one shim function that fills `count` places, where a place may stay empty.
func produceList(
    count: Int, using tensors: [Tensor], _ body: (TensorSlot, MessageSlot) -> LetheStatus
) throws(LetheError) -> [Tensor?] {
    var handles = unsafe [LetheTensorRef?](repeating: nil, count: count)
    try unsafe check { message in
        unsafe handles.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return LetheStatus.ok }
            return unsafe body(base, message)
        }
    }
    extendLifetime(tensors)
    var result: [Tensor?] = []
    for index in 0..<count {
        let handle = unsafe handles[index]
        result.append(unsafe handle == nil ? nil : try unsafe Tensor(adopting: handle))
    }
    return result
}

/// The sizes, dimensions or indices as the shim takes them.
func int64s(_ numbers: [Int]) -> [Int64] {
    numbers.map(Int64.init)
}

private func failure(_ status: LetheStatus, _ text: String) -> LetheError {
    let message = text.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? text
    return switch status {
    case .outOfMemory:
        LetheError(
            code: .tensor, message: "LibTorch ran out of memory: \(message)",
            remedy: "Use a smaller batch, or a device with more memory.")
    case .notLoaded:
        LetheError(
            code: .tensor, message: "LibTorch could not be loaded: \(message)",
            remedy: "Keep libTorchShim.so beside the executable; scripts/bootstrap, then "
                + "`swift build --product TorchShim`, makes it.")
    case .ok, .failed:
        LetheError(
            code: .tensor, message: "LibTorch refused: \(message)",
            remedy: "Check the shapes, element types and devices of the tensors involved.")
    }
}
