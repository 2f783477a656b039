import Foundation
import Glibc
import Synchronization
import TestSupport

/// A port that passes everything on to another one and back, and cuts each connection in the middle
/// once so many bytes have gone in one direction; after so many connections it refuses all others.
final class FragileWire: Sendable {
    private let entrance: LoopbackPort
    private let cuts = Mutex(0)
    private let accepted = Mutex(0)

    var url: String { "http://127.0.0.1:\(entrance.port)" }
    /// How many connections were cut.
    var cutCount: Int { cuts.withLock { $0 } }
    /// How many connections were asked for.
    var askedCount: Int { accepted.withLock { $0 } }

    init(to port: Int, cutAfterBytes limit: Int, connections: Int = .max) throws {
        entrance = try LoopbackPort()
        // The thread keeps the port until it has heard that it ends: its number is not given anew.
        Thread.detachNewThread { [self] in
            while case let client = accept(entrance.handle, nil, nil), client >= 0 {
                let count = accepted.withLock { accepted in
                    accepted += 1
                    return accepted
                }
                guard count <= connections, let server = Self.connected(to: port) else {
                    close(client)
                    continue
                }
                join(client, server, limit)
            }
        }
    }

    /// Takes no connection any more.
    func end() { shutdown(entrance.handle, Int32(SHUT_RDWR)) }

    private func join(_ client: Int32, _ server: Int32, _ limit: Int) {
        let threads = Countdown()
        for (from, to) in [(client, server), (server, client)] {
            Thread.detachNewThread { [self] in
                if Self.carry(from, to, limit) { cuts.withLock { $0 += 1 } }
                for handle in [client, server] { shutdown(handle, Int32(SHUT_RDWR)) }
                guard threads.isLast() else { return }
                for handle in [client, server] { close(handle) }
            }
        }
    }

    /// - Returns: whether it stopped because of the limit.
    private static func carry(_ from: Int32, _ to: Int32, _ limit: Int) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        var total = 0
        while total < limit {
            let count = unsafe recv(from, &bytes, min(bytes.count, limit - total), 0)
            guard count > 0 else { return false }
            var sent = 0
            while sent < count {
                let step = unsafe bytes[sent..<count].withUnsafeBytes {
                    unsafe send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard step > 0 else { return false }
                sent += step
            }
            total += count
        }
        return true
    }

    private static func connected(to port: Int) -> Int32? {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if code != 0 { close(handle) }
        return code == 0 ? handle : nil
    }

    /// Counts down the two threads of a connection.
    private final class Countdown: Sendable {
        private let left = Mutex(2)

        func isLast() -> Bool {
            left.withLock { left in
                left -= 1
                return left == 0
            }
        }
    }
}
