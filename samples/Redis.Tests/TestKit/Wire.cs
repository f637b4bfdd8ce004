using System.Text;

namespace Redis.Tests.TestKit;

/// <summary>Commands as clients send them.</summary>
internal static class Wire
{
    public static byte[] Command(params string[] words)
        => Encoding.Latin1.GetBytes($"*{words.Length}\r\n" + string.Concat(words.Select(word => $"${word.Length}\r\n{word}\r\n")));
}
