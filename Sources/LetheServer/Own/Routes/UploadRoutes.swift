internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import LetheRecords
internal import LetheRegistry

extension Call {
    /// An upload of this model that this token began.
    fileprivate func upload(_ id: String, of model: String) throws -> Upload {
        guard OrderFields.isName(id),
            let found = runner.uploads.find(id, of: model, token: token?.name ?? "")
        else { throw Failure.own(.notFound, .notFound, "There is no such upload.") }
        return found
    }

    /// What is still to be sent.
    fileprivate func shown(_ upload: Upload) throws -> JSONValue {
        let lacking = try runner.uploads.lacking(upload.id, of: upload.model)
        return [
            "id": .string(upload.id), "model": .string(upload.model),
            "sizeBytes": .number(Double(upload.sizeBytes)),
            "pieceSizeBytes": .number(Double(settings.limits.bodySizeBytes)),
            "lackingBytes": .number(
                Double(lacking.reduce(0) { $0 + $1.part.length - $1.offset })),
            "lacking": .array(
                lacking.map {
                    [
                        "digest": .string($0.part.digest.description),
                        "length": .number(Double($0.part.length)),
                        "offset": .number(Double($0.offset)),
                    ]
                }),
        ]
    }
}

/// `/api/v1/models/<name>/uploads`: announces the files of a version and hears which of their parts
/// are lacking.
struct UploadList: OwnRoute {
    static let name = "own-uploads"
    static let methods: Set<HTTPRequest.Method> = [.post]
    static let templates = ["/api/v1/models/{model}/uploads"]
    let model: String

    init?(_ path: RequestPath) {
        guard let found = OwnPath.match(Self.templates[0], path) else { return nil }
        model = found[0]
    }

    var need: Need { .scope(.publish, model: model) }

    func answer(_ call: Call) async throws -> Response {
        try call.requireName(model)
        let upload = try Upload(
            await call.body(), model: model, token: call.token?.name ?? "",
            limitBytes: call.settings.limits.uploadSizeBytes)
        let begun = try call.runner.uploads.begin(upload)
        var response = Response.json(
            try call.shown(begun.upload), status: begun.isNew ? .created : .ok)
        response.headers[.location] = "/api/v1/models/\(model)/uploads/\(upload.id)"
        return response
    }
}

/// `/api/v1/models/<name>/uploads/<id>`: what is still lacking; DELETE forgets it.
struct UploadRecord: OwnRoute {
    static let name = "own-upload"
    static let methods: Set<HTTPRequest.Method> = [.get, .head, .delete]
    static let templates = ["/api/v1/models/{model}/uploads/{upload}"]
    let model: String
    let id: String

    init?(_ path: RequestPath) {
        guard let found = OwnPath.match(Self.templates[0], path) else { return nil }
        (model, id) = (found[0], found[1])
    }

    var need: Need { .scope(.publish, model: model) }

    func answer(_ call: Call) async throws -> Response {
        let upload = try call.upload(id, of: model)
        guard call.request.method == .delete else { return .json(try call.shown(upload)) }
        call.runner.uploads.remove(id)
        return Response(status: .noContent)
    }
}

/// `/api/v1/models/<name>/uploads/<id>/parts/<digest>`: PUT adds bytes, HEAD says how many there
/// are.
struct UploadPart: OwnRoute {
    static let name = "own-part"
    static let methods: Set<HTTPRequest.Method> = [.head, .put]
    static let templates = ["/api/v1/models/{model}/uploads/{upload}/parts/{digest}"]
    let model: String
    let id: String
    let digest: String

    init?(_ path: RequestPath) {
        guard let found = OwnPath.match(Self.templates[0], path) else { return nil }
        (model, id, digest) = (found[0], found[1], found[2])
    }

    var need: Need { .scope(.publish, model: model) }

    func answer(_ call: Call) async throws -> Response {
        let upload = try call.upload(id, of: model)
        guard let digest = Digest(hex: digest), let length = upload.parts[digest] else {
            throw Failure.own(.notFound, .notFound, "The upload has no such part.")
        }
        let part = Upload.Part(digest: digest, length: length)
        let uploads = call.runner.uploads
        if call.isHead {
            return Response(
                status: .ok,
                headers: [
                    .uploadOffset: "\(uploads.offset(of: part, in: id))", .cacheControl: "no-store",
                ])
        }
        let bytes = try await call.body()
        let offset = try start(call.request.headers[.contentRange], bytes.count, of: part)
        let now = try uploads.append(bytes, at: offset, to: part, in: id)
        return Response(status: .noContent, headers: [.uploadOffset: "\(now)"])
    }

    /// Where in the part the bytes begin (RFC 9110 section 14.4); at 0 without a header.
    private func start(_ header: String?, _ count: Int, of part: Upload.Part) throws -> Int {
        guard let header else { return 0 }
        let pattern = /bytes (\d{1,18})-(\d{1,18})\/(\d{1,18})/
        guard header.utf8.count <= 80, let match = header.wholeMatch(of: pattern),
            let first = Int(match.1), let last = Int(match.2), Int(match.3) == part.length,
            last >= first, last - first + 1 == count
        else {
            throw Failure.own(
                .badRequest, .invalidArgument,
                "Content-Range is bytes <first>-<last>/\(part.length) of the bytes sent.")
        }
        return first
    }
}
