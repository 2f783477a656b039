internal import Foundation
internal import LetheRecords
internal import LetheRegistry

/// Sends what a server lacks of a model folder.
struct UploadClient {
    let server: Server
    let isQuiet: Bool

    /// - Returns: the id of the upload, which is whole now.
    func send(_ folder: URL, as model: String) async throws -> String {
        let plan = try FolderPlan(folder)
        let announced = try await server.ask(
            server.request(
                "POST", ["models", model, "uploads"],
                body: CanonicalJSON.encode(["files": .array(plan.files.map(json))])))
        guard let id = announced.json["id"]?.stringValue,
            let pieceSizeBytes = announced.json["pieceSizeBytes"]?.integerValue,
            pieceSizeBytes > 0, let lacking = announced.json["lacking"]?.arrayValue
        else { throw LetheError(code: .io, message: "The server did not take the announcement.") }
        let total = announced.json["lackingBytes"]?.integerValue ?? 0
        var done = 0
        for part in lacking {
            guard let digest = part["digest"]?.stringValue.flatMap({ Digest($0) }),
                let place = place(of: digest, in: plan), let offset = part["offset"]?.integerValue
            else {
                throw LetheError(code: .io, message: "The server wants what was not announced.")
            }
            let path = ["models", model, "uploads", id, "parts", digest.hex]
            done += try await send(
                place.url, place.range, from: offset, to: path, pieceSizeBytes: pieceSizeBytes)
            say(done, of: total)
        }
        return id
    }

    private func json(_ file: FolderPlan.File) -> JSONValue {
        [
            "path": .string(file.url.lastPathComponent),
            "sizeBytes": .number(Double(file.sizeBytes)),
            "digest": .string(file.digest.description),
            "parts": .array(
                file.parts.map {
                    [
                        "digest": .string($0.digest.description),
                        "length": .number(Double($0.range.count)),
                    ]
                }),
        ]
    }

    private func place(
        of digest: Digest, in plan: FolderPlan
    ) -> (url: URL, range: Range<Int>)? {
        for file in plan.files {
            if let part = file.parts.first(where: { $0.digest == digest }) {
                return (file.url, part.range)
            }
        }
        return nil
    }

    /// Sends a part from where the server has it; a server that has it elsewhere says where.
    private func send(
        _ url: URL, _ range: Range<Int>, from start: Int, to path: [String], pieceSizeBytes: Int
    ) async throws -> Int {
        let handle = try FileHandle(forReadingFrom: url)
        defer { try? handle.close() }
        var offset = start
        var sent = 0
        var failureCount = 0
        while offset < range.count {
            try handle.seek(toOffset: UInt64(range.lowerBound + offset))
            let count = min(pieceSizeBytes, range.count - offset)
            let piece = [UInt8](try handle.read(upToCount: count) ?? Data())
            guard piece.count == count else {
                throw LetheError(code: .io, message: "\(url.path) was changed while it was sent.")
            }
            let request = server.request(
                "PUT", path,
                fields: [
                    "Content-Range": "bytes \(offset)-\(offset + count - 1)/\(range.count)",
                    "Content-Type": "application/octet-stream",
                ], body: piece)
            do {
                let answer = try await server.stream(request) { _ in }
                offset = answer.fields["upload-offset"].flatMap { Int($0) } ?? offset + count
                sent += count
                failureCount = 0
            } catch let refusal as Refusal {
                guard refusal.status == 409, failureCount < 20,
                    let now = refusal.fields["upload-offset"].flatMap({ Int($0) })
                else { throw refusal.error }
                failureCount += 1
                offset = now
            } catch let error as LetheError where error.code == .io && failureCount < 20 {
                // The server may be on its way back; it says itself how much it has.
                failureCount += 1
                try await Task.sleep(for: .milliseconds(500))
                let head = try? await server.stream(server.request("HEAD", path)) { _ in }
                offset = head?.fields["upload-offset"].flatMap { Int($0) } ?? offset
            }
        }
        return sent
    }

    private func say(_ done: Int, of total: Int) {
        guard !isQuiet, !server.asJSON, total > 64 << 20 else { return }
        let line = "sending (bytes) \(done)/\(total)\n"
        try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
    }
}
