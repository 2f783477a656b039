import Foundation
import Glibc
import TestSupport

/// A server that answers every request with the record of a version whose only file has the name
/// that it was told, and with the letter x for every file.
final class PoisonedServer {
    private let port: LoopbackPort

    var url: String { "http://127.0.0.1:\(port.port)" }

    init(naming path: String, digest: String) throws {
        let port = try LoopbackPort()
        self.port = port
        let file: [String: Any] = ["path": path, "sizeBytes": 1, "digest": digest]
        let version: [String: Any] = [
            "version": "faces@v1", "commit": String(repeating: "a", count: 40),
            "manifest": ["operation": "publish", "files": [file]],
        ]
        let record = try JSONSerialization.data(withJSONObject: ["version": version])
        // The thread keeps the port until it has heard that it ends: its number is not given anew.
        Thread.detachNewThread { Self.answer(port, record) }
    }

    deinit { shutdown(port.handle, Int32(SHUT_RDWR)) }

    private static func answer(_ port: LoopbackPort, _ record: Data) {
        while true {
            let client = accept(port.handle, nil, nil)
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
