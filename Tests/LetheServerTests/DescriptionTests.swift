import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import LetheServer

@Suite("The description of the own API")
struct DescriptionTests {
    /// `METHOD address` of every operation in schemas/openapi.yaml.
    private static func described() throws -> Set<String> {
        let url = Locations.package.appending(path: "schemas/openapi.yaml")
        var found: Set<String> = []
        var address: String?
        for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
            if line == "components:" { break }
            if let match = line.wholeMatch(of: #/  (\/.+):/#) { address = String(match.1) }
            if let address, let match = line.wholeMatch(of: #/    (get|put|post|delete|head):/#) {
                found.insert("\(match.1.uppercased()) \(address)")
            }
        }
        return found
    }

    @Test("Every route is described, and everything described is a route")
    func same() throws {
        var routes: Set<String> = []
        for kind in OwnRoutes.all {
            for template in kind.templates {
                for method in kind.methods where method != .head || !kind.methods.contains(.get) {
                    routes.insert("\(method.rawValue) \(template)")
                }
            }
        }
        #expect(try routes == Self.described())
    }

    @Test("Every described address is taken by its own route, and by no model's name")
    func taken() throws {
        for operation in try Self.described() {
            let address = operation.split(separator: " ")[1]
                .replacing(/\{(\w+)\}/, with: "x")
            let path = try #require(RequestPath(String(address)))
            let first = Responder.routes.first { $0.init(path) != nil }
            #expect(first is any OwnRoute.Type && first != OwnNothing.self, "\(address)")
        }
    }
}
