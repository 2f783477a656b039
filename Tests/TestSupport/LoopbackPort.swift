internal import Foundation
internal import Glibc

/// A port of this machine that takes connections; nobody says a word on them.
public final class LoopbackPort: Sendable {
    /// Its number.
    public let port: Int
    /// The socket that listens.
    public let handle: Int32

    /// Listens on a port that the operating system chooses.
    public init() throws {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.handle = handle
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(handle, $0, size) | listen(handle, 8) | getsockname(handle, $0, &size)
            }
        }
        guard code == 0 else { throw CocoaError(.featureUnsupported) }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(handle) }

    /// A port that nobody listens on any more.
    public static func free() throws -> Int { try LoopbackPort().port }
}
