using Qi.Actors;

namespace Bank.Http;

/// <summary>Errors as problem documents (RFC 9457).</summary>
internal static class Problems
{
    /// <summary>An endpoint filter: what the endpoint throws on purpose becomes a problem document.</summary>
    public static async ValueTask<object?> TranslateAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (ApiException e)
        {
            return TypedResults.Problem(e.Message, statusCode: e.Status, title: e.Title);
        }
        catch (Exception e) when (e is AskTimeoutException or AskRefusedException)
        {
            return TypedResults.Problem(
                $"{e.Message} Try again later.", statusCode: StatusCodes.Status503ServiceUnavailable, title: "The bank is busy");
        }
    }

    /// <summary>Whatever has no body yet, such as an unknown path or a wrong method, gets a problem document too.</summary>
    public static Task WriteAsync(HttpContext context)
    {
        var request = context.Request;
        string detail = context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => $"There is nothing at {request.Path}. GET / lists what there is.",
            StatusCodes.Status405MethodNotAllowed
                => $"{request.Path} does not take {request.Method}. It takes {context.Response.Headers.Allow}.",
            _ => $"{request.Method} {request.Path} failed. The server's log says why.",
        };
        return TypedResults.Problem(detail, statusCode: context.Response.StatusCode).ExecuteAsync(context);
    }
}
