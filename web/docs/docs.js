// Starts Swagger UI on the server's own OpenAPI document, with nothing from another host.

window.SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  tryItOutEnabled: true,
  persistAuthorization: false,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
  // The badge would send the document's address to an outside validator.
  validatorUrl: null,
});
