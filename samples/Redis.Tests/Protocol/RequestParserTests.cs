using System.Text;

using Redis.Protocol;
using Redis.Tests.TestKit;

namespace Redis.Tests.Protocol;

internal sealed class RequestParserTests
{
    private static readonly string[] s_set = ["SET", "key", "a\r\nb\0ÿ"];

    [Test]
    public void Parse_AllAtOnce_FindsTheArguments()
    {
        byte[] bytes = Wire.Command(s_set);
        var parser = new RequestParser();

        Assert.That(parser.Parse(bytes), Is.EqualTo(Parsed.Command));
        Assert.That(parser.Length, Is.EqualTo(bytes.Length));
        Assert.That(Words(parser, bytes), Is.EqualTo(s_set));
    }

    [Test]
    public void Parse_ByteByByte_FindsTheSame()
    {
        byte[] bytes = [.. Wire.Command(s_set), .. "get  key\r\n"u8, .. Wire.Command(["", ""])];
        var parser = new RequestParser();
        var found = new List<string[]>();
        int start = 0;
        for (int end = 0; end <= bytes.Length; end++)
        {
            // Each time the bytes are elsewhere.
            byte[] moved = bytes[start..end];
            if (parser.Parse(moved) != Parsed.Command)
                continue;
            found.Add(Words(parser, moved));
            start += parser.Length;
            parser.Next();
        }

        Assert.That(found, Is.EqualTo(new[] { s_set, ["get", "key"], ["", ""] }));
        Assert.That(start, Is.EqualTo(bytes.Length));
    }

    [Test]
    public void Parse_MoreFollows_StopsAtTheEnd()
    {
        byte[] first = Wire.Command("PING");
        var parser = new RequestParser();

        Assert.That(parser.Parse([.. first, .. first]), Is.EqualTo(Parsed.Command));
        Assert.That(parser.Length, Is.EqualTo(first.Length));
    }

    [Test]
    public void Parse_ManyArguments_FindsAll()
    {
        string[] words = [.. Enumerable.Range(0, 10_000).Select(number => $"word{number}")];
        byte[] bytes = Wire.Command(words);
        var parser = new RequestParser();

        Assert.That(parser.Parse(bytes), Is.EqualTo(Parsed.Command));
        Assert.That(Words(parser, bytes), Is.EqualTo(words));
    }

    [TestCase("*0\r\n")]
    [TestCase("*-1\r\n")]
    [TestCase("\r\n")]
    [TestCase("\n")]
    [TestCase("  \t\r\n")]
    public void Parse_EmptyCommand_IsNothing(string text)
    {
        var parser = new RequestParser();

        Assert.That(parser.Parse(Encoding.ASCII.GetBytes(text)), Is.EqualTo(Parsed.Nothing));
        Assert.That(parser.Length, Is.EqualTo(text.Length));
    }

    // The words of Redis 7.0.
    [TestCase("*a\r\n", "invalid multibulk length")]
    [TestCase("*\r\n", "invalid multibulk length")]
    [TestCase("*2147483648\r\n", "invalid multibulk length")]
    [TestCase("*1\r\nPING\r\n", "expected '$', got 'P'")]
    [TestCase("*1\r\n$-1\r\n", "invalid bulk length")]
    [TestCase("*1\r\n$\r\n", "invalid bulk length")]
    [TestCase("*1\r\n$x\r\n", "invalid bulk length")]
    [TestCase("*1\r\n$536870913\r\n", "invalid bulk length")]
    [TestCase("set k \"v\r\n", "unbalanced quotes in request")]
    [TestCase("set k 'v'w\r\n", "unbalanced quotes in request")]
    public void Parse_NoCommand_IsRefusedAsRedisDoes(string text, string why)
    {
        var parser = new RequestParser();

        Assert.That(parser.Parse(Encoding.ASCII.GetBytes(text)), Is.EqualTo(Parsed.Refused));
        Assert.That(parser.Error, Is.EqualTo($"ERR Protocol error: {why}"));
    }

    [TestCase("a", "too big inline request")]
    [TestCase("*1", "too big mbulk count string")]
    [TestCase("*1\r\n$1", "too big bulk count string")]
    public void Parse_LineWithoutEnd_IsRefused(string beginning, string why)
    {
        byte[] text = Encoding.ASCII.GetBytes(beginning + new string('1', RequestParser.MostLineBytes));

        Assert.That(new RequestParser().Parse(text.AsSpan(0, text.Length - 100)), Is.EqualTo(Parsed.Incomplete));
        var parser = new RequestParser();
        Assert.That(parser.Parse(text), Is.EqualTo(Parsed.Refused));
        Assert.That(parser.Error, Is.EqualTo($"ERR Protocol error: {why}"));
    }

    [TestCase("a b", "a", "b")]
    [TestCase("  a \t b  ", "a", "b")]
    [TestCase("'a b' \"c d\"", "a b", "c d")]
    [TestCase("\"\"", "")]
    [TestCase(@"""\x41\x4a\n\r\t\b\a\\\""\q""", "AJ\n\r\t\b\a\\\"q")]
    [TestCase(@"""\xzz""", "xzz")]
    [TestCase(@"'it\'s \n'", @"it's \n")]
    [TestCase("pre\"fix\"", "prefix")]
    public void Parse_Line_IsSplitAsInAShell(string line, params string[] words)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(line + "\r\n");
        var parser = new RequestParser();

        Assert.That(parser.Parse(bytes), Is.EqualTo(Parsed.Command));
        Assert.That(Words(parser, bytes), Is.EqualTo(words));
    }

    private static string[] Words(RequestParser parser, byte[] bytes)
    {
        var request = parser.RequestIn(bytes);
        string[] words = new string[request.Count];
        for (int i = 0; i < words.Length; i++)
            words[i] = Encoding.Latin1.GetString(request[i]);
        return words;
    }
}
