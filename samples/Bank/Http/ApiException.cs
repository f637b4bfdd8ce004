namespace Bank.Http;

/// <summary>A request that cannot be served: becomes a problem document.</summary>
internal sealed class ApiException(int status, string title, string detail) : Exception(detail)
{
    public int Status => status;

    public string Title => title;

    public static ApiException BadRequest(string detail) => new(StatusCodes.Status400BadRequest, "The request is not valid", detail);

    public static ApiException UnknownAccount(string account)
        => new(StatusCodes.Status404NotFound, "Unknown account", $"There is no account {account}. Open one with POST /accounts.");
}
