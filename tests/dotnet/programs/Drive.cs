using System;
using AuthKeep;

/// <summary>Does what it is told, one line after another: Drive CONFIG. The lines are those of
/// tests/c/drive.c.</summary>
internal static class Drive
{
    private static void Main(string[] arguments)
    {
        using (Config config = new Config().MergeJson(arguments[0]))
        using (Client client = new Client(config))
        {
            string line;
            while ((line = Console.In.ReadLine()) != null)
            {
                Console.WriteLine(Answer(client, line.Split(new[] { ' ' }, 3)));
            }
        }
    }

    private static string Answer(Client client, string[] words)
    {
        try
        {
            using (Request request = new Request(words[0], words[1]))
            {
                if (words.Length > 2)
                {
                    request.SetJson(words[2]);
                }
                using (Response response = client.Perform(request))
                {
                    return response.Status.ToString();
                }
            }
        }
        catch (AuthKeepException error)
        {
            return "error " + error.Code + " " + error.Message;
        }
    }
}
