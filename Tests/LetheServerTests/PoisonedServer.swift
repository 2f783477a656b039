import Foundation
import Glibc
import Testing

/// A server that answers every request with the record of a version whose only file has the name
/// that it was told, and with the letter x for every file.
final class PoisonedServer {
    let url: String
    private let handle: Int32

    init(naming path: String, digest: String) throws {
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
        try #require(code == 0)
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        let file: [String: Any] = ["path": path, "sizeBytes": 1, "digest": digest]
        let version: [String: Any] = [
            "version": "faces@v1", "commit": String(repeating: "a", count: 40),
            "manifest": ["operation": "publish", "files": [file]],
        ]
        let record = try JSONSerialization.data(withJSONObject: ["version": version])
        Thread.detachNewThread { Self.answer(handle, record) }
    }

    deinit {
        shutdown(handle, Int32(SHUT_RDWR))
        close(handle)
    }

    private static func answer(_ handle: Int32, _ record: Data) {
        while true {
            let client = accept(handle, nil, nil)
            guard client >= 0 else { return }
            var request = [UInt8](repeating: 0, count: 4096)
            let count = unsafe recv(client, &request, request.count, 0)
            let isRecord = String(decoding: request.prefix(max(0, count)), as: UTF8.self)
                .hasPrefix("GET /api/v1/")
            let body = isRecord ? record : Data("x".utf8)
            let head =
                "HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n"
                + "Content-Type: application/json\r\nConnection: close\r\n\r\n"
            let all = [UInt8](Data(head.utf8) + body)
            _ = unsafe send(client, all, all.count, Int32(MSG_NOSIGNAL))
            close(client)
        }
    }
}
