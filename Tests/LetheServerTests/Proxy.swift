import Foundation
import TestSupport
import Testing

/// nginx with TLS before a server, set up as docs/guides/deploy.md says.
final class Proxy {
    let url: String
    private let process = Process()

    init(to served: Served, by certificate: OwnCertificate, in folder: URL) throws {
        let port = try LoopbackPort.free()
        url = "https://127.0.0.1:\(port)"
        let root = folder.path
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(root)/\($0);" }.joined(separator: " ")
        let text = """
            user root; daemon off; pid \(root)/pid; error_log \(root)/error.log;
            events {}
            http {
                access_log off; \(temporary)
                server {
                    listen 127.0.0.1:\(port) ssl;
                    ssl_certificate \(certificate.certificate);
                    ssl_certificate_key \(certificate.key);
                    location / {
                        proxy_pass http://127.0.0.1:\(served.port);
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                        proxy_buffering off;
                        proxy_request_buffering on;
                    }
                }
            }
            """
        let file = folder.appending(path: "nginx.conf")
        try Data(text.utf8).write(to: file)
        process.executableURL = Program.path(of: "nginx")
        process.arguments = ["-c", file.path, "-e", "\(root)/error.log"]
        process.standardError = FileHandle.nullDevice
        try process.run()
        var isThere = false
        while !isThere {
            try #require(process.isRunning, "nginx did not start")
            isThere =
                try Program.run(
                    "curl", ["-s", "--cacert", certificate.certificate, url + "/health"],
                    in: folder
                ).status == 0
        }
    }

    func end() {
        process.terminate()
        process.waitUntilExit()
    }
}
