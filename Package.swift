// swift-tools-version: 6.2
// Targets and arrows follow docs/ARCHITECTURE.md; ArchitectureTests reads every import against it.

import Foundation
import PackageDescription

/// The folder of a LibTorch: `LIBTORCH_HOME`, else the ignored folder that scripts/bootstrap fills.
let libTorchHome =
    ProcessInfo.processInfo.environment["LIBTORCH_HOME"] ?? "\(Context.packageDirectory)/.libtorch"

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
/// Hummingbird, and of what it stands on that which the server names itself.
let http: [Target.Dependency] = [
    .product(name: "Hummingbird", package: "hummingbird"),
    .product(name: "HummingbirdCore", package: "hummingbird"),
    .product(name: "HummingbirdTLS", package: "hummingbird"),
    .product(name: "HTTPTypes", package: "swift-http-types"),
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
    .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
    .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
]
/// AsyncHTTPClient, and of what it stands on that which the client names itself.
let httpClient: [Target.Dependency] = [
    .product(name: "AsyncHTTPClient", package: "async-http-client"),
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
]
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies + ["TestSupport"],
        swiftSettings: settings)
}

let package = Package(
    name: "lethe",
    products: [
        .executable(name: "lethe", targets: ["lethe"]),
        .executable(name: "lethe-server", targets: ["lethe-server"]),
        .executable(name: "lethe-remote", targets: ["lethe-remote"]),
        .executable(name: "lethe-audit", targets: ["lethe-audit"]),
        .library(name: "TorchShim", type: .dynamic, targets: ["TorchShim"]),
        // Static, so that `swift build --product LetheCertificates` builds it and nothing else.
        .library(name: "LetheCertificates", type: .static, targets: ["LetheCertificates"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // Without its traits: nothing here is configured through swift-configuration.
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.0.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CGit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev", "zlib1g-dev"])]),
        .target(
            name: "CGit2Start", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
        // Optimised in debug builds, too, as the library that it replaces is.
        .target(
            name: "CSHA256", cSettings: [.unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"])]),
        .target(
            name: "CImageCodecs", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])],
            linkerSettings: [.linkedLibrary("jpeg"), .linkedLibrary("png"), .linkedLibrary("z")]),
        .target(
            name: "CTorchShim", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])],
            linkerSettings: [.linkedLibrary("dl")]),
        // Loaded by CTorchShim when something is computed; no target depends on it.
        .target(
            name: "TorchShim", publicHeadersPath: ".",
            cxxSettings: [
                .headerSearchPath("../CTorchShim/include"),
                .unsafeFlags([
                    "-isystem", "\(libTorchHome)/include",
                    "-isystem", "\(libTorchHome)/include/torch/csrc/api/include",
                    "-Wall", "-Wextra", "-Werror",
                ]),
            ],
            linkerSettings: [
                .unsafeFlags(["-L\(libTorchHome)/lib", "-Xlinker", "-rpath=\(libTorchHome)/lib"]),
                .linkedLibrary("torch"), .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
            ]),
        module("LetheRecords", [crypto]),
        module("LetheCertificates", ["LetheRecords", crypto]),
        module("LetheReports", ["LetheRecords"]),
        module("LetheModelSigning", ["LetheRecords", crypto]),
        module("LetheStorage", ["LetheRecords", "CGit2", "CGit2Start", "CSHA256", grdb]),
        module("LetheTensor", ["LetheRecords", "CTorchShim"]),
        module("LetheVision", ["LetheRecords", "LetheTensor", "CImageCodecs"]),
        module("LetheForgetting", ["LetheRecords", "LetheTensor", "LetheVision", logging]),
        module(
            "LetheVerification", ["LetheRecords", "LetheReports", "LetheTensor", "LetheVision"]),
        module("LetheRegistry", ["LetheRecords", "LetheCertificates", "LetheStorage"]),
        module("LethePages", ["LetheRecords"]),
        module(
            "LetheServer",
            [
                "LetheRecords", "LetheCertificates", "LetheReports", "LethePages", "LetheRegistry",
                logging,
            ] + http),
        module(
            "LetheAudit",
            [
                "LetheRecords", "LetheCertificates", "LetheReports", "LethePages", "LetheStorage",
                "LetheRegistry",
            ]),
        module("LetheBuckets", ["LetheRecords", crypto]),
        module("LetheCommandLine", ["LetheRecords", "LetheRegistry", argumentParser]),
        .executableTarget(
            name: "lethe-audit",
            dependencies: [
                "LetheRecords", "LetheRegistry", "LetheAudit", "LetheCommandLine", argumentParser,
            ], swiftSettings: settings),
        // Apart from `lethe`, which would start later with an HTTP server in it.
        .executableTarget(
            name: "lethe-server",
            dependencies: [
                "LetheRecords", "LetheRegistry", "LetheServer", "LetheCommandLine", argumentParser,
            ], swiftSettings: settings),
        // Apart from `lethe`, which would start later with an HTTP client in it.
        .executableTarget(
            name: "lethe-remote",
            dependencies: [
                "LetheRecords", "LetheBuckets", "LetheRegistry", "LetheCommandLine",
                argumentParser,
            ] + httpClient, swiftSettings: settings),
        .executableTarget(
            name: "lethe",
            dependencies: [
                "LetheRecords", "LetheCertificates", "LetheReports", "LetheStorage", "LetheTensor",
                "LetheVision", "LetheForgetting", "LetheVerification", "LetheRegistry",
                "LetheModelSigning", "LetheCommandLine", argumentParser, logging,
            ], swiftSettings: settings),
        .target(
            name: "TestSupport",
            dependencies: ["LetheRecords", "LetheCertificates", "LetheStorage", "LetheRegistry"],
            path: "Tests/TestSupport", swiftSettings: settings),
        .executableTarget(
            name: "lethe-crash-worker",
            dependencies: ["LetheRecords", "LetheStorage", "LetheRegistry", "TestSupport"],
            path: "Tests/CrashWorker", swiftSettings: settings),
        .executableTarget(
            name: "lethe-store-worker",
            dependencies: [
                "LetheRecords", "LetheCertificates", "LetheReports", "LetheStorage",
                "LetheRegistry", crypto,
            ],
            path: "Benchmarks/StoreWorker", swiftSettings: settings),
        .testTarget(
            name: "ArchitectureTests", dependencies: ["TestSupport"], swiftSettings: settings),
        tests("LetheRecords", ["LetheRecords"]),
        tests("LetheCertificates", ["LetheRecords", "LetheCertificates"]),
        tests("LetheStorage", ["LetheRecords", "LetheStorage"]),
        tests("LetheTensor", ["LetheRecords", "LetheTensor"]),
        tests("LetheVision", ["LetheRecords", "LetheTensor", "LetheVision"]),
        tests(
            "LetheForgetting", ["LetheRecords", "LetheTensor", "LetheVision", "LetheForgetting"]),
        tests(
            "LetheVerification",
            ["LetheRecords", "LetheReports", "LetheTensor", "LetheVision", "LetheVerification"]
        ),
        tests(
            "LetheRegistry",
            [
                "LetheRecords", "LetheCertificates", "LetheStorage", "LetheRegistry",
                "lethe-crash-worker",
            ]),
        tests("LetheBuckets", ["LetheRecords", "LetheBuckets", crypto]),
        tests("LetheModelSigning", ["LetheRecords", "LetheModelSigning"]),
        tests(
            "LetheAudit",
            [
                "LetheRecords", "LetheCertificates", "LetheReports", "LethePages", "LetheStorage",
                "LetheRegistry", "LetheAudit", "lethe-audit",
            ]),
        .testTarget(
            name: "LetheServerTests",
            dependencies: [
                "LetheRecords", "LetheStorage", "LetheRegistry", "LetheServer", "TestSupport",
                "lethe", "lethe-server", "lethe-remote", "lethe-crash-worker",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "LetheRecords", "LetheStorage", "LetheRegistry", "TestSupport", "lethe",
                "lethe-audit", "lethe-server", "lethe-remote",
            ],
            swiftSettings: settings),
    ],
    cxxLanguageStandard: .cxx20
)
