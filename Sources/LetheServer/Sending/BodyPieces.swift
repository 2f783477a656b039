internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypesHTTP1

/// A piece of a body that goes past Hummingbird's writer, which knows bytes in memory only and does
/// not say when they have gone; an outbound event for `BodyPieces`.
struct OutgoingPiece: Sendable {
    let data: IOData
}

/// Ends the connection at once, with what waits in it; an outbound event for `BodyPieces`.
struct CutOff: Sendable {}

/// Writes pieces of a body where the encoder of HTTP/1 takes them, files among them.
///
/// An outbound event passes the handlers in the order in which writes do, so pieces come behind
/// the head of their answer and before its end.
final class BodyPieces: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = Any
    typealias OutboundOut = Any

    func handlerAdded(context: ChannelHandlerContext) {
        // Before TLS, which would say goodbye first, and wait for the same of the client.
        try? context.pipeline.syncOperations.addHandler(NearestToTheSocket(), position: .first)
    }

    func triggerUserOutboundEvent(
        context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
    ) {
        switch event {
        case let piece as OutgoingPiece:
            write(piece, context, promise)
        case is CutOff:
            let nearest = try? context.pipeline.syncOperations.context(
                handlerType: NearestToTheSocket.self)
            (nearest ?? context).close(promise: promise)
        default:
            context.triggerUserOutboundEvent(event, promise: promise)
        }
    }

    private func write(
        _ piece: OutgoingPiece, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?
    ) {
        do {
            let codec = try context.pipeline.syncOperations.context(
                handlerType: HTTP1ToHTTPServerCodec.self)
            codec.writeAndFlush(
                NIOAny(HTTPServerResponsePart.body(piece.data)), promise: promise)
        } catch {
            promise?.fail(error)
        }
    }
}

/// Does nothing; closing from its place passes nobody.
private final class NearestToTheSocket: ChannelOutboundHandler {
    typealias OutboundIn = Any
}
