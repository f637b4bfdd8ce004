using System.Globalization;
using System.Text.Json;

using Bank.Domain;

namespace Bank.Http;

/// <summary>The JSON object that a request carries. Whatever is wrong with it is said with its name, its value and the remedy.</summary>
internal sealed class RequestBody
{
    private static readonly JsonDocumentOptions s_options = new() { AllowDuplicateProperties = false };

    private readonly JsonElement _root;

    private RequestBody(JsonElement root) => _root = root;

    /// <summary>Reads the body, which may have these fields and no others. No body at all is an object without fields.</summary>
    public static async Task<RequestBody> ReadAsync(HttpRequest request, params string[] fields)
    {
        using var buffer = new MemoryStream();
        try
        {
            await request.Body.CopyToAsync(buffer, request.HttpContext.RequestAborted);
        }
        catch (BadHttpRequestException e)
        {
            throw new ApiException(e.StatusCode, "The request is not valid", $"{e.Message} A request needs less than a kilobyte.");
        }

        if (buffer.Length == 0)
            return new RequestBody(JsonSerializer.SerializeToElement(new object()));
        if (!request.HasJsonContentType())
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType,
                "The body is not JSON",
                $"The content type is '{request.ContentType}'. Send application/json; with curl, use --json instead of -d.");
        }

        var body = new RequestBody(Parse(buffer));
        body.RequireKnownFields(fields);
        return body;
    }

    public bool Has(string field) => _root.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>An amount of money above zero.</summary>
    public Money Amount(string field)
    {
        var amount = AmountOrZero(field);
        return amount > Money.Zero ? amount : throw ApiException.BadRequest($"'{field}' is {Require(field).GetRawText()}; give an amount above zero.");
    }

    /// <summary>An amount of money, which may be zero.</summary>
    public Money AmountOrZero(string field)
    {
        var value = Require(field);
        if (value.ValueKind != JsonValueKind.Number)
            throw ApiException.BadRequest($"'{field}' is {Shorten(value)}, which is not a number; give one such as 12.34.");
        if (!Money.TryParse(value.GetRawText(), out var money, out string problem))
            throw ApiException.BadRequest($"'{field}' is {Shorten(value)}, which {problem}.");
        return money;
    }

    /// <summary>The number of an account, as a number or as text.</summary>
    public long Account(string field)
    {
        var value = Require(field);
        string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw ApiException.BadRequest($"'{field}' is {Shorten(value)}, which is not an account's number; give one such as 1.");
    }

    /// <summary>An identifier that the client chose; a new one if it chose none.</summary>
    public Guid IdOrNew(string field)
    {
        if (!Has(field))
            return Guid.CreateVersion7();
        var value = Require(field);
        return value.ValueKind == JsonValueKind.String && value.TryGetGuid(out var id)
            ? id
            : throw ApiException.BadRequest($"'{field}' is {Shorten(value)}, which is not a UUID; give one such as \"{Guid.CreateVersion7()}\", or none.");
    }

    private static JsonElement Parse(MemoryStream buffer)
    {
        try
        {
            using var document = JsonDocument.Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), s_options);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw ApiException.BadRequest($"The body is {Shorten(document.RootElement)}; send a JSON object such as {{\"amount\": 12.34}}.");
        }
        catch (JsonException e)
        {
            throw ApiException.BadRequest($"The body is not JSON: {e.Message} Send an object such as {{\"amount\": 12.34}}.");
        }
    }

    private void RequireKnownFields(string[] fields)
    {
        foreach (var property in _root.EnumerateObject())
        {
            if (!fields.Contains(property.Name, StringComparer.Ordinal))
                throw ApiException.BadRequest($"There is no field '{property.Name}' here; the fields are {string.Join(", ", fields)}.");
        }
    }

    private JsonElement Require(string field)
        => Has(field) ? _root.GetProperty(field) : throw ApiException.BadRequest($"'{field}' is missing; add it to the body.");

    private static string Shorten(JsonElement value)
    {
        string text = value.GetRawText();
        return text.Length <= 60 ? text : $"{text[..60]}…";
    }
}
