import CTorchShim
public import LetheRecords

/// Where a tensor lives and is computed.
public struct Device: Sendable, Hashable, CustomStringConvertible {
    /// The processor; always there.
    public static let cpu = Device(shimValue: LetheDevice(LETHE_DEVICE_CPU))

    /// A CUDA device.
    ///
    /// - Parameter index: Counted from 0.
    public static func cuda(_ index: Int) -> Device {
        Device(shimValue: LetheDevice(clamping: max(index, 0)))
    }

    let shimValue: LetheDevice

    init(shimValue: LetheDevice) {
        self.shimValue = shimValue
    }

    /// Reads `cpu`, `cuda` (the first device) or `cuda:1`.
    public init(parsing text: String) throws(LetheError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let digits = parts.count == 2 ? parts[1] : "0"
        let isNumber = !digits.isEmpty && digits.allSatisfy { $0.isASCII && $0.isNumber }
        if text == "cpu" {
            self = .cpu
        } else if parts.count <= 2, parts[0] == "cuda", isNumber, let index = Int8(digits) {
            self = .cuda(Int(index))
        } else {
            throw LetheError(
                code: .invalidArgument, message: "\"\(text)\" is not a device.",
                remedy: "Write cpu, cuda, or cuda:1 for the second CUDA device.")
        }
    }

    /// `cpu` or `cuda:0`.
    public var description: String {
        shimValue == Device.cpu.shimValue ? "cpu" : "cuda:\(shimValue)"
    }

    /// Whether this machine and this LibTorch have the device.
    public var isAvailable: Bool {
        guard shimValue != Device.cpu.shimValue else { return true }
        let count = (try? cudaDeviceCount()) ?? 0
        return shimValue < count
    }

    /// Throws an error that says what to do where the device is not there.
    public func requireAvailable() throws(LetheError) {
        guard !isAvailable else { return }
        throw LetheError(
            code: .device, message: "There is no device \(self) here.",
            remedy: "Use the device cpu, or a LibTorch built for CUDA on a machine with a GPU.")
    }
}
