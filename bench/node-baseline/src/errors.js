// What a client of the baseline can be told, and with which status.
class AppError extends Error {
  constructor(statusCode, code, message) {
    super(message);
    this.statusCode = statusCode;
    this.code = code;
  }
}
export class BattleNotFoundError extends AppError {
  constructor(id) {
    super(404, 'battle_not_found', `Battle ${id} not found or not open`);
  }
}
export class NotFoundError extends AppError {
  constructor(what, id) {
    super(404, 'not_found', `${what} ${id} not found`);
  }
}
export class AlreadyVotedError extends AppError {
  constructor() {
    super(409, 'already_voted', 'You already voted for this entry');
  }
}

export function errorHandler(error, request, reply) {
  const status = error.statusCode ?? 500;
  if (status >= 500) request.log.error(error);
  const code = error.validation ? 'validation_error' : (error.code ?? 'internal_error');
  reply
    .code(status)
    .send({ error: { code, message: status >= 500 ? 'Internal server error' : error.message } });
}
