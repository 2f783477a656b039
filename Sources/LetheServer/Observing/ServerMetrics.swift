internal import Synchronization

/// Counts what the server does, and tells it in Prometheus' text format (version 0.0.4).
///
/// Labels are of small fixed sets: no model, path or client is among them.
final class ServerMetrics: Sendable {
    private struct Key: Hashable {
        let route: String
        let method: String
        let status: Int
    }

    private struct Route {
        var bodyBytes = 0
        var seconds = 0.0
        var buckets = [Int](repeating: 0, count: ServerMetrics.bounds.count)
        var count = 0
    }

    private struct Counts {
        var answers: [Key: Int] = [:]
        var routes: [String: Route] = [:]
        var broken: [String: Int] = [:]
        var inFlight = 0
    }

    private static let bounds = [0.005, 0.025, 0.1, 0.5, 2.5, 10, 60]
    private let counts = Mutex(Counts())

    func begin() { counts.withLock { $0.inFlight += 1 } }

    /// Counts an answer that is over; `broken` says why it did not go out whole.
    func end(
        route: String, method: String, status: Int, seconds: Double, bodyBytes: Int,
        broken: String? = nil
    ) {
        counts.withLock { counts in
            counts.inFlight -= 1
            counts.answers[Key(route: route, method: method, status: status), default: 0] += 1
            if let broken { counts.broken[broken, default: 0] += 1 }
            var entry = counts.routes[route] ?? Route()
            entry.bodyBytes += bodyBytes
            entry.seconds += seconds
            entry.count += 1
            for (index, bound) in Self.bounds.enumerated() where seconds <= bound {
                entry.buckets[index] += 1
            }
            counts.routes[route] = entry
        }
    }

    /// Everything counted, with the number of models.
    func text(modelCount: Int) -> String {
        let counts = counts.withLock { $0 }
        var lines = Self.head("lethe_models", "gauge", "Models of the registry.")
        lines.append("lethe_models \(modelCount)")
        lines += Self.head("lethe_http_requests_in_flight", "gauge", "Requests being answered.")
        lines.append("lethe_http_requests_in_flight \(counts.inFlight)")
        lines += Self.head("lethe_http_requests_total", "counter", "Requests answered.")
        lines += counts.answers.map { key, count in
            "lethe_http_requests_total{route=\"\(key.route)\",method=\"\(key.method)\","
                + "status=\"\(key.status)\"} \(count)"
        }.sorted()
        lines += Self.head(
            "lethe_http_answers_broken_total", "counter", "Answers that did not go out whole.")
        lines += counts.broken.sorted { $0.key < $1.key }
            .map { "lethe_http_answers_broken_total{reason=\"\($0.key)\"} \($0.value)" }
        let routes = counts.routes.sorted { $0.key < $1.key }
        lines += Self.head("lethe_http_response_bytes_total", "counter", "Bytes of bodies sent.")
        lines += routes.map {
            "lethe_http_response_bytes_total{route=\"\($0.key)\"} \($0.value.bodyBytes)"
        }
        lines += Self.head("lethe_http_request_seconds", "histogram", "Time to the last byte.")
        for (name, route) in routes { lines += Self.histogram(name, route) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func histogram(_ name: String, _ route: Route) -> [String] {
        let metric = "lethe_http_request_seconds"
        let buckets = zip(bounds, route.buckets).map { bound, count in
            "\(metric)_bucket{route=\"\(name)\",le=\"\(bound)\"} \(count)"
        }
        return buckets + [
            "\(metric)_bucket{route=\"\(name)\",le=\"+Inf\"} \(route.count)",
            "\(metric)_sum{route=\"\(name)\"} \(route.seconds)",
            "\(metric)_count{route=\"\(name)\"} \(route.count)",
        ]
    }

    private static func head(_ name: String, _ type: String, _ help: String) -> [String] {
        ["# HELP \(name) \(help)", "# TYPE \(name) \(type)"]
    }
}
