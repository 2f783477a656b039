// swift-tools-version: 6.2
// The modules that do not load LibTorch, and their tests, for the address and thread sanitizers;
// run by scripts/sanitize. The folders in Sources and Tests are links into the package above,
// which knows nothing of this one.

import Foundation
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")

/// The modules whose tests are built, named by scripts/sanitize.
let tested =
    ProcessInfo.processInfo.environment["LETHE_SANITIZE"]?.split(separator: ",").map(String.init)
    ?? ["LetheRecords", "LetheCertificates", "LetheStorage"]

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies + ["TestSupport"],
        swiftSettings: settings)
}

let testTargets: [String: [Target]] = [
    "LetheRecords": [tests("LetheRecords", ["LetheRecords"])],
    "LetheCertificates": [tests("LetheCertificates", ["LetheRecords", "LetheCertificates"])],
    "LetheStorage": [tests("LetheStorage", ["LetheRecords", "LetheStorage"])],
    "LetheRegistry": [
        .executableTarget(
            name: "lethe-crash-worker",
            dependencies: ["LetheRecords", "LetheStorage", "LetheRegistry", "TestSupport"],
            path: "Tests/CrashWorker", swiftSettings: settings),
        tests(
            "LetheRegistry",
            [
                "LetheRecords", "LetheCertificates", "LetheStorage", "LetheRegistry",
                "lethe-crash-worker",
            ]),
    ],
]

let package = Package(
    name: "lethe-sanitizing",
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CGit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev", "zlib1g-dev"])]),
        .target(name: "CSHA256"),
        module("LetheRecords", [crypto]),
        module("LetheCertificates", ["LetheRecords", crypto]),
        module("LetheStorage", ["LetheRecords", "CGit2", "CSHA256", grdb]),
        module("LetheRegistry", ["LetheRecords", "LetheCertificates", "LetheStorage"]),
        .target(
            name: "TestSupport",
            dependencies: ["LetheRecords", "LetheCertificates", "LetheStorage", "LetheRegistry"],
            path: "Tests/TestSupport", swiftSettings: settings),
    ] + tested.flatMap { testTargets[$0] ?? [.target(name: "No tests of \($0)")] }
)
