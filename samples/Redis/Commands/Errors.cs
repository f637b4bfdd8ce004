namespace Redis.Commands;

/// <summary>What more than one command says.</summary>
internal static class Errors
{
    public const string Syntax = "ERR syntax error";
    public const string NotAnInteger = "ERR value is not an integer or out of range";
}
