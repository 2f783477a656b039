public import Foundation
public import LetheRecords

/// With which keys, where and in which region S3 is asked: the usual chain of the environment and
/// then the shared files (AWS SDKs and Tools Reference Guide, "Standardized credential providers").
///
/// Keys of containers and instances, of roles and of programs are not looked for.
public struct BucketSettings: Sendable {
    /// What requests are signed with.
    public let keys: BucketKeys
    /// The region; `us-east-1` if nobody says.
    public let region: String
    /// The address of a store that is not AWS; nil for AWS.
    public let endpoint: String?
    /// A PEM file of the authorities that may vouch for the store; nil for the system's.
    public let authorities: String?

    /// Looks in the environment and in `~/.aws`.
    ///
    /// - Throws: `refused` if there are no keys; `notFound` for a profile that is in no file.
    public init(
        environment: [String: String],
        home: URL = FileManager.default.homeDirectoryForCurrentUser
    ) throws(LetheError) {
        func variable(_ names: String...) -> String? {
            names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        let folder = home.appending(path: ".aws")
        let keyFile = Self.sections(
            variable("AWS_SHARED_CREDENTIALS_FILE") ?? folder.appending(path: "credentials").path)
        let configuration = Self.sections(
            variable("AWS_CONFIG_FILE") ?? folder.appending(path: "config").path)
        let profile = variable("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
        let name = profile ?? "default"
        let inKeys = keyFile[name] ?? [:]
        let inConfiguration =
            configuration["profile \(name)"] ?? (name == "default" ? configuration[name] : nil)
        let settings = (inConfiguration ?? [:]).merging(inKeys) { $1 }
        if let profile, keyFile[profile] == nil, inConfiguration == nil {
            throw LetheError(
                code: .notFound, message: "There is no profile \"\(profile.prefix(80))\".",
                remedy: "AWS_PROFILE names one of ~/.aws/credentials or ~/.aws/config.")
        }
        keys = try Self.keys(
            inEnvironment: profile == nil || variable("AWS_ACCESS_KEY_ID") != nil
                ? environment : [:], settings)
        region =
            variable("AWS_REGION", "AWS_DEFAULT_REGION") ?? settings["region"] ?? "us-east-1"
        endpoint =
            variable("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL") ?? settings["endpoint_url"]
        authorities = variable("AWS_CA_BUNDLE") ?? settings["ca_bundle"]
    }

    private static func keys(
        inEnvironment environment: [String: String], _ settings: [String: String]
    ) throws(LetheError) -> BucketKeys {
        if let name = environment["AWS_ACCESS_KEY_ID"], !name.isEmpty,
            let secret = environment["AWS_SECRET_ACCESS_KEY"], !secret.isEmpty
        {
            let token = environment["AWS_SESSION_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
            return BucketKeys(name: name, secret: secret, token: token)
        }
        if let name = settings["aws_access_key_id"], let secret = settings["aws_secret_access_key"]
        {
            return BucketKeys(name: name, secret: secret, token: settings["aws_session_token"])
        }
        throw LetheError(
            code: .refused, message: "There are no keys for S3.",
            remedy: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write them into "
                + "~/.aws/credentials.")
    }

    /// The sections of an INI file: lines `name = value` under `[section]`; what is indented
    /// belongs to a setting of another service and is passed over.
    static func sections(_ path: String) -> [String: [String: String]] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [:] }
        var found: [String: [String: String]] = [:]
        var section = ""
        for line in text.split(whereSeparator: \.isNewline) {
            guard let first = line.first, !first.isWhitespace, first != "#", first != ";" else {
                continue
            }
            if first == "[", let end = line.firstIndex(of: "]") {
                section = line[line.index(after: line.startIndex)..<end]
                    .split(separator: " ").joined(separator: " ")
                found[section] = found[section] ?? [:]
                continue
            }
            let halves = line.split(separator: "=", maxSplits: 1)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            if halves.count == 2 { found[section, default: [:]][halves[0]] = halves[1] }
        }
        return found
    }
}
