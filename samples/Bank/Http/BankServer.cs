using System.Text.Json;

using Microsoft.Extensions.Options;

namespace Bank.Http;

/// <summary>Serves the bank until it is told to stop.</summary>
internal static class BankServer
{
    public const string DefaultUrl = "http://127.0.0.1:5080";

    private const int Tellers = 64;
    private const int LargestRequestBytes = 64 * 1024;

    /// <summary>Returns the exit code.</summary>
    public static async Task<int> RunAsync(string? urls)
    {
        await using var app = Build(urls);
        try
        {
            await app.StartAsync();
        }
        catch (IOException e)
        {
            await Console.Error.WriteLineAsync($"{e.Message} Stop the other program, or choose a free port with --urls http://127.0.0.1:0.");
            return 1;
        }
        catch (OptionsValidationException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }

        string url = app.Urls.First();
        Console.WriteLine($"Listening on {string.Join(" and ", app.Urls)}. Press Ctrl+C to stop. Try:");
        Console.WriteLine();
        Console.WriteLine(Usage.CurlLines(url));
        await app.WaitForShutdownAsync();
        return 0;
    }

    private static WebApplication Build(string? urls)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls(urls ?? builder.Configuration["urls"] ?? DefaultUrl);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = LargestRequestBytes);
        builder.Logging.SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore", LogLevel.Error)
            .AddFilter("Microsoft.Hosting", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.CamelCase);
        builder.Services.AddProblemDetails();
        builder.Services.AddBank(Tellers);

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages(status => Problems.WriteAsync(status.HttpContext));
        app.MapBank();
        return app;
    }
}
