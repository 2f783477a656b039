internal import HTTPTypes
internal import Hummingbird
internal import LetheRecords
internal import LetheRegistry

/// The answer that carries a file or a run of it.
struct FileAnswer: Sendable {
    let call: Call
    let model: HubModel
    let version: Version
    let file: ReleasedFile
    /// Where the model stood before it was decided that this version is given out.
    let moment: ReleaseMoment

    var response: Response {
        let tag = "\"\(file.entityTag)\""
        if matches(call.request.headers[.ifNoneMatch], tag) {
            return Response(status: .notModified, headers: headers(tag))
        }
        // A run of another file than the one that the client has a part of is of no use to it.
        let isSame = call.request.headers[.ifRange].map { $0 == tag } ?? true
        let hasRange = isSame && !call.isHead
        let asked = ByteRange(
            hasRange ? call.request.headers[.range] : nil, sizeBytes: file.sizeBytes)
        var fields = headers(tag)
        switch asked {
        case .unsatisfiable:
            fields[.contentRange] = "bytes */\(file.sizeBytes)"
            return Response(status: .rangeNotSatisfiable, headers: fields)
        case .whole:
            return answer(.ok, fields, 0..<file.sizeBytes)
        case .run(let range):
            fields[.contentRange] =
                "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.sizeBytes)"
            return answer(.partialContent, fields, range)
        }
    }

    private func answer(
        _ status: HTTPResponse.Status, _ headers: HTTPFields, _ range: Range<Int>
    ) -> Response {
        var headers = headers
        headers[.contentLength] = String(range.count)
        headers[.contentType] = contentType
        if call.isHead || range.isEmpty { return Response(status: status, headers: headers) }
        return Response(status: status, headers: headers, body: body(range))
    }

    private func headers(_ tag: String) -> HTTPFields {
        var fields: HTTPFields = [
            .eTag: tag, .acceptRanges: "bytes", .repoCommit: version.commitName,
            // Whether a version is still given out is asked each time.
            .cacheControl: "no-cache", .linkedSize: String(file.sizeBytes),
        ]
        fields[.xContentTypeOptions] = "nosniff"
        fields[.contentDisposition] =
            "attachment; filename=\"\(file.path.split(separator: "/").last ?? "file")\";"
            .asHeaderValue
        if file.pointerSizeBytes != nil { fields[.linkedETag] = tag }
        return fields
    }

    private var contentType: String {
        if file.path.hasSuffix(".json") { return "application/json; charset=utf-8" }
        let isText = [".md", ".txt"].contains { file.path.hasSuffix($0) }
        return isText ? "text/plain; charset=utf-8" : "application/octet-stream"
    }

    private func matches(_ header: String?, _ tag: String) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains {
            let one = $0.drop { $0 == " " }
            return one == tag || one == "W/\(tag)" || one == "*"
        }
    }

    private func body(_ range: Range<Int>) -> ResponseBody {
        call.report.isStreaming()
        return ResponseBody(contentLength: range.count) { writer in
            let leave = call.registry.leave(
                toSend: version, since: moment,
                allowingUncertified: call.settings.givesUncertified)
            let sender = PieceSender(
                call.channel, isEncrypted: call.settings.tls != nil, leave, call.report)
            do {
                try await sender.send { (send) throws(LetheError) in
                    try call.registry.serve(file, of: version, range: range, send)
                }
            } catch let error as LetheError {
                call.report.broke(error)
                throw error
            }
            try await writer.finish(nil)
            call.report.finished()
        }
    }
}
