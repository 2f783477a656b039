internal import LetheRecords

/// What a store says is wrong, in the words of Lethe; of its own only the short code is shown.
extension Bucket {
    func refusal(_ answer: BucketAnswer, _ body: [UInt8]) -> LetheError {
        let said = BucketText.first("Code", in: String(decoding: body, as: UTF8.self)) ?? ""
        let code = String(said.filter { $0.isASCII && $0.isLetter }.prefix(60))
        let words = code.isEmpty ? "status \(answer.status)" : code
        switch (answer.status, code) {
        case (_, "NoSuchBucket"), (404, _):
            return LetheError(
                code: .notFound, message: "\(name) is not there (\(words)).",
                remedy: "Make the bucket, or look at AWS_ENDPOINT_URL and AWS_REGION.")
        case (301, _), (307, _), (_, "AuthorizationHeaderMalformed"):
            let region = answer.fields["x-amz-bucket-region"].map { ": \($0.prefix(40))" } ?? ""
            return LetheError(
                code: .refused, message: "\(name) is in another region\(region) (\(words)).",
                remedy: "Set AWS_REGION.")
        case (_, "RequestTimeTooSkewed"):
            return LetheError(
                code: .refused, message: "\(name) says that this machine's clock is wrong.",
                remedy: "Set the clock.")
        case (401, _), (403, _):
            return LetheError(
                code: .refused, message: "\(name) does not let these keys do that (\(words)).",
                remedy: "Look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_PROFILE, and at "
                    + "what the bucket's policy allows them.")
        case (501, _):
            return LetheError(
                code: .unsupported, message: "\(name) cannot do what is needed (\(words)).",
                remedy: "The store must know conditional writes (If-None-Match).")
        default:
            return LetheError(
                code: .io, message: "\(name) answers with \(words).",
                remedy: "Run the same command again; what has arrived stays.")
        }
    }

    func missing(_ key: String) -> LetheError {
        LetheError(
            code: .notFound, message: "\(name) has nothing under \(key).",
            remedy: "Push to it again from a registry that has it.")
    }

    func malformed() -> LetheError {
        LetheError(
            code: .malformed, message: "\(name) does not answer as S3 does.",
            remedy: "Look at AWS_ENDPOINT_URL.")
    }

    func cut() -> LetheError {
        LetheError(
            code: .io, message: "\(name) does not answer to the end.",
            remedy: "Run the same command again; what has arrived stays.")
    }
}
