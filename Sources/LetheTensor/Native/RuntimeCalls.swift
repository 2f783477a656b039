import CTorchShim
import LetheRecords

/// The build summary of the LibTorch that was loaded.
func loadedConfiguration() throws(LetheError) -> String {
    var text: UnsafeMutablePointer<CChar>?
    try unsafe check { unsafe lethe_loaded_configuration(&text, $0) }
    let result = unsafe text.map { unsafe String(cString: $0) } ?? ""
    unsafe lethe_message_free(text)
    return result
}

/// The version whose headers the shim was compiled against.
func compiledVersionText() -> String {
    unsafe String(cString: lethe_compiled_version())
}

/// How many CUDA devices LibTorch can use.
func cudaDeviceCount() throws(LetheError) -> Int {
    var count: Int64 = 0
    try unsafe check { unsafe lethe_cuda_device_count(&count, $0) }
    return Int(count)
}

/// Sets the number of threads that one operation uses.
func setThreadCount(_ count: Int) throws(LetheError) {
    try unsafe check { unsafe lethe_set_thread_count(Int64(count), $0) }
}

/// The number of threads that one operation uses.
func threadCount() -> Int { Int(lethe_thread_count()) }

/// Sets how float32 products may be computed.
func setMatmulPrecision(_ name: String) throws(LetheError) {
    try unsafe check { unsafe lethe_set_float32_matmul_precision(name, $0) }
}

/// Refuses operations that have no deterministic kernel.
func setDeterministic(_ on: Bool) throws(LetheError) {
    try unsafe check { unsafe lethe_set_deterministic(on, $0) }
}

/// Whether operations without a deterministic kernel are refused.
func isDeterministic() -> Bool { lethe_is_deterministic() }
