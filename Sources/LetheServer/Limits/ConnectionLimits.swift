internal import HTTPTypes
internal import LetheRecords
internal import Logging
internal import NIOCore
internal import NIOHTTPTypes

/// Ends connections whose client takes too long or sends too much.
///
/// Hummingbird ends those that say nothing; this one counts what arrives, and sees to it that a
/// request arrives whole in time and that an answer that is being sent is also taken.
final class ConnectionLimits: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// So much of a body that was refused is still heard, so that the client can read why.
    private static let unheardBytes = 16 << 20

    private let limits: ServerLimits
    private let metrics: ServerMetrics
    private let logger: Logger
    /// The request that arrives.
    private var request = HTTPRequest(method: .get, scheme: nil, authority: nil, path: nil)
    private var bodySizeBytes = 0
    private var isRefusing = false
    private var arrival: Scheduled<Void>?
    private var stall: Scheduled<Void>?
    private var unsentCount = 0
    private var progress = NIODeadline.now()

    init(_ limits: ServerLimits, metrics: ServerMetrics, logger: Logger) {
        self.limits = limits
        self.metrics = metrics
        self.logger = logger
    }

    func handlerRemoved(context: ChannelHandlerContext) { cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        cancel()
        context.fireChannelInactive()
    }

    private func cancel() {
        arrival?.cancel()
        stall?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if isRefusing { return passOver(part, context) }
        switch part {
        case .head(let request):
            self.request = request
            bodySizeBytes = 0
            arrival?.cancel()
            arrival = context.eventLoop.assumeIsolated().scheduleTask(
                in: .seconds(Int64(limits.arrivalSeconds))
            ) { [self] in cut(context, because: "The request took too long to arrive.") }
            let length = request.headerFields[.contentLength].flatMap(Int.init) ?? 0
            if length > limits.bodySizeBytes { return refuse(length, context) }
        case .body(let bytes):
            bodySizeBytes += bytes.readableBytes
            guard bodySizeBytes <= limits.bodySizeBytes else {
                return cut(
                    context, because: "The body is longer than \(limits.bodySizeBytes) bytes.")
            }
        case .end:
            arrival?.cancel()
            arrival = nil
        }
        context.fireChannelRead(data)
    }

    /// Answers a request whose body is announced to be too long, before anybody sees it.
    ///
    /// A body without an announced length that grows too long only ends the connection.
    private func refuse(_ length: Int, _ context: ChannelHandlerContext) {
        isRefusing = true
        // The responder never sees it, so it cannot report it.
        let report = AnswerReport(
            method: request.method.rawValue, target: request.path ?? "", metrics: metrics,
            logger: logger)
        report.answered(status: 413, cause: "A body of \(length) bytes was announced.")
        report.finished()
        let error = LetheError(
            code: .invalidArgument,
            message: "A body may have \(limits.bodySizeBytes) bytes, and this one has more.",
            remedy: "Send a model in pieces: POST .../uploads.")
        let body = (try? CanonicalJSON.encode(["error": error.json])) ?? []
        let fields: HTTPFields = [
            .contentType: "application/json", .contentLength: "\(body.count)",
            .connection: "close",
        ]
        let head = HTTPResponse(status: .contentTooLarge, headerFields: fields)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(ByteBuffer(bytes: body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// Ends a connection in the middle of a request, and says so in the log.
    private func cut(_ context: ChannelHandlerContext, because cause: String) {
        logger.info(
            "cut off",
            metadata: [
                "method": "\(AnswerReport.name(of: request.method.rawValue))",
                "address": "\(AnswerReport.address(in: request.path ?? ""))",
                "bytes": .stringConvertible(bodySizeBytes), "cause": "\(cause)",
            ])
        context.close(promise: nil)
    }

    private func passOver(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head: return
        case .body(let bytes):
            bodySizeBytes += bytes.readableBytes
            if bodySizeBytes > Self.unheardBytes {
                cut(context, because: "The body was refused and went on.")
            }
        case .end: context.close(promise: nil)
        }
    }

    func write(
        context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
    ) {
        context.write(data, promise: watched(promise, context))
    }

    func triggerUserOutboundEvent(
        context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
    ) {
        let isPiece = event is OutgoingPiece
        context.triggerUserOutboundEvent(
            event, promise: isPiece ? watched(promise, context) : promise)
    }

    /// Counts what waits to be taken until its promise is kept.
    private func watched(
        _ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext
    ) -> EventLoopPromise<Void> {
        let promise = promise ?? context.eventLoop.makePromise()
        unsentCount += 1
        if stall == nil { watch(context) }
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in
            unsentCount -= 1
            progress = .now()
        }
        return promise
    }

    /// Looks again and again, as long as something waits to be taken.
    private func watch(_ context: ChannelHandlerContext) {
        progress = .now()
        let limit = TimeAmount.seconds(Int64(limits.stallSeconds))
        stall = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { [self] in
            stall = nil
            guard unsentCount > 0 else { return }
            if .now() - progress >= limit {
                context.close(promise: nil)
            } else {
                let last = progress
                watch(context)
                progress = last
            }
        }
    }
}
