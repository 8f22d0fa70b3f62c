// The sockets of one process: who is connected, and sending to all of them.
import { randomUUID } from 'node:crypto';
import { WebSocket, WebSocketServer, Sender } from 'ws';
import { config } from './config.js';
import { verifySession } from './auth.js';
import { logger } from './logger.js';

export class ConnectionManager {
  userConnections = new Map(); // user id -> Set of connection ids
  connections = new Map(); // connection id -> { userId, ws, connectedAt }

  registerConnection(userId, ws) {
    const connectionId = randomUUID();
    this.connections.set(connectionId, { userId, ws, connectedAt: new Date() });
    let set = this.userConnections.get(userId);
    if (!set) this.userConnections.set(userId, (set = new Set()));
    set.add(connectionId);
    return connectionId;
  }

  removeConnection(connectionId) {
    const connection = this.connections.get(connectionId);
    if (!connection) return;
    const set = this.userConnections.get(connection.userId);
    if (set) {
      set.delete(connectionId);
      if (set.size === 0) this.userConnections.delete(connection.userId);
    }
    this.connections.delete(connectionId);
  }

  broadcast(message) {
    // One UTF-8 encoding for all receivers instead of one in each send().
    const data = Buffer.from(message);
    const frame = config.tuned
      ? Buffer.concat(
          Sender.frame(data, { fin: true, opcode: 1, mask: false, rsv1: false, readOnly: true }),
        )
      : null;
    for (const connection of this.connections.values()) {
      if (connection.ws.readyState !== WebSocket.OPEN) continue;
      // tuned: no framing for each receiver; relies on an internal of ws
      if (frame) connection.ws._socket.write(frame);
      else connection.ws.send(data, { binary: false });
    }
  }
}

export class WebSocketService {
  connectionManager = new ConnectionManager();

  constructor(server) {
    this.wss = new WebSocketServer({
      server,
      path: '/ws',
      maxPayload: 1048576,
      perMessageDeflate: false,
      clientTracking: false,
    });
    this.wss.on('connection', (ws, req) => this.onConnection(ws, req));
  }

  onConnection(ws, req) {
    try {
      const token = new URL(req.url, 'http://localhost').searchParams.get('token');
      if (!token) return ws.close(1008, 'Authentication required');
      const session = verifySession(token);
      if (!session) return ws.close(1008, 'Invalid authentication');
      const { userId } = session;
      const connectionId = this.connectionManager.registerConnection(userId, ws);
      logger.info({ userId, connectionId }, 'WebSocket client connected');
      ws.on('message', (message) => this.handleMessage(userId, connectionId, message));
      ws.on('error', (error) => logger.debug({ error, connectionId }, 'WebSocket error'));
      ws.on('close', () => {
        this.connectionManager.removeConnection(connectionId);
        logger.info({ userId, connectionId }, 'WebSocket client disconnected');
      });
      ws.send(JSON.stringify({ type: 'connection', status: 'connected', userId }));
    } catch (error) {
      logger.error({ error }, 'WebSocket connection error');
      ws.close(1011, 'Internal server error');
    }
  }

  handleMessage(userId, connectionId, message) {
    try {
      const data = JSON.parse(message.toString());
      if (data.type === 'ping') {
        this.connectionManager.connections
          .get(connectionId)
          ?.ws.send(JSON.stringify({ type: 'pong', timestamp: Date.now() }));
      }
    } catch (error) {
      logger.error({ error, userId }, 'Failed to handle WebSocket message');
    }
  }
}
