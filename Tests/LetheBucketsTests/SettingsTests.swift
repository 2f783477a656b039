import Foundation
import LetheBuckets
import LetheRecords
import TestSupport
import Testing

@Suite("Where the keys for S3 come from")
struct SettingsTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        let aws = folder.url.appending(path: ".aws")
        try FileManager.default.createDirectory(at: aws, withIntermediateDirectories: true)
        try Data(
            """
            # keys
            [default]
            aws_access_key_id = from-file
            aws_secret_access_key=one=two

            [work]
            aws_access_key_id = from-work
            aws_secret_access_key = three
            aws_session_token = four
            """.utf8
        ).write(to: aws.appending(path: "credentials"))
        try Data(
            """
            [default]
            region = eu-north-1
            s3 =
                region = wrong
            [profile work]
            region = eu-west-3
            endpoint_url = https://s3.example:9000
            """.utf8
        ).write(to: aws.appending(path: "config"))
    }

    @Test("The environment comes before the files, and a profile before what nobody named")
    func chain() throws {
        let named = try settings([
            "AWS_ACCESS_KEY_ID": "from-environment", "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_REGION": "us-west-2", "AWS_ENDPOINT_URL": "http://one",
            "AWS_ENDPOINT_URL_S3": "http://two",
        ])
        #expect(named.keys.name == "from-environment" && named.region == "us-west-2")
        #expect(named.endpoint == "http://two")
        let plain = try settings(["AWS_REGION": ""])
        #expect(plain.keys.name == "from-file" && plain.region == "eu-north-1")
        #expect(plain.endpoint == nil)
        let work = try settings(["AWS_PROFILE": "work"])
        #expect(work.keys.name == "from-work" && work.region == "eu-west-3")
        #expect(work.endpoint == "https://s3.example:9000")
    }

    @Test("Without keys, or with a profile that nobody has written down, nothing is asked")
    func missing() throws {
        let empty = try TemporaryFolder()
        let none = #expect(throws: LetheError.self) {
            try BucketSettings(environment: [:], home: empty.url)
        }
        #expect(none?.code == .refused)
        let unknown = #expect(throws: LetheError.self) { try settings(["AWS_PROFILE": "home"]) }
        #expect(unknown?.code == .notFound)
        let elsewhere = try settings(
            [
                "AWS_SHARED_CREDENTIALS_FILE":
                    folder.url.appending(path: ".aws/credentials").path
            ], home: empty.url)
        #expect(elsewhere.keys.name == "from-file" && elsewhere.region == "us-east-1")
    }

    private func settings(
        _ environment: [String: String], home: URL? = nil
    ) throws -> BucketSettings {
        try BucketSettings(environment: environment, home: home ?? folder.url)
    }
}
