internal import Foundation
internal import FoundationNetworking
internal import LetheRecords
internal import Synchronization

/// Requests of the one outside HTTP library, as streams of what arrives.
///
/// Redirections are not followed: the token is for this server.
final class HTTPClient: NSObject, URLSessionDataDelegate, Sendable {
    /// Something that arrived.
    enum Piece: Sendable {
        case head(status: Int, fields: [String: String])
        case bytes(Data)
    }

    typealias Pieces = AsyncThrowingStream<Piece, any Error>

    private let streams = Mutex<[Int: Pieces.Continuation]>([:])
    private let session = Mutex<URLSession?>(nil)

    /// Sends a request; what arrives comes in order.
    func send(_ request: URLRequest) -> Pieces {
        let (pieces, continuation) = Pieces.makeStream()
        let session = session.withLock { session in
            let made =
                session ?? URLSession(configuration: .ephemeral, delegate: self, delegateQueue: nil)
            session = made
            return made
        }
        let task = session.dataTask(with: request)
        streams.withLock { $0[task.taskIdentifier] = continuation }
        continuation.onTermination = { _ in task.cancel() }
        task.resume()
        return pieces
    }

    private func continuation(_ task: URLSessionTask) -> Pieces.Continuation? {
        streams.withLock { $0[task.taskIdentifier] }
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        if let response = response as? HTTPURLResponse {
            var fields: [String: String] = [:]
            for (name, value) in response.allHeaderFields {
                fields["\(name)".lowercased()] = "\(value)"
            }
            continuation(dataTask)?.yield(.head(status: response.statusCode, fields: fields))
        }
        completionHandler(.allow)
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data
    ) {
        continuation(dataTask)?.yield(.bytes(data))
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
    ) {
        let ended = streams.withLock { $0.removeValue(forKey: task.taskIdentifier) }
        ended?.finish(throwing: error)
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
        completionHandler: @escaping (URLRequest?) -> Void
    ) { completionHandler(nil) }
}
